/** Random policies and random sessions: the gate answers every command, with a reply that is one, and finds no bug in itself. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { Dialogue } from '../support/dialogue.ts';
import { anyConfig } from './any-config.ts';

const domain = fc.constantFrom(
  'example.net',
  'a.example.net',
  'example.org',
  'b..ad',
  '[192.0.2.1]',
  'localhost',
  '*',
  'x'.repeat(300),
);
const local = fc.oneof(
  fc.constantFrom(
    'alice',
    'postmaster',
    'abuse',
    'bob+x',
    '"a b"',
    '"',
    '\\',
    `prvs=1234abcdef=bob`,
    'a'.repeat(70),
  ),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll(/[\0\r\n ]/g, '_')),
);
const address = fc.oneof(
  fc.constantFrom('', '@', 'alice', '@example.net', '@relay.example:bob@example.org'),
  fc.tuple(local, domain).map((parts) => parts.join('@')),
);

const transaction = fc.record({
  sender: address,
  recipients: fc.array(address, { maxLength: 4 }),
  reset: fc.boolean(),
});
const session = fc.record({
  command: fc.constantFrom('CONNECT', 'CONNECT', 'CONNECT', 'SUBMIT'),
  client: fc.constantFrom('192.0.2.10', '192.0.2.200', '2001:db8::1', '127.0.0.1', 'unknown'),
  name: fc.oneof(domain, fc.constantFrom('unknown', 'dyn-192-0-2-10.dsl.example.net')),
  resolve: fc.constantFrom('ok', 'fail', 'forged', 'temp'),
  helo: fc.option(fc.oneof(domain, fc.constantFrom('192.0.2.1', 'mx.example.net.'))),
  tls: fc.boolean(),
  auth: fc.boolean(),
  transactions: fc.array(transaction, { minLength: 1, maxLength: 3 }),
});

const received = fc.constantFrom(
  'Received: from mx.example.net (unknown [198.51.100.66]) by relay.example.org with ESMTP id 1',
  'Received: from mx.example.net (unknown [198.51.100.66]) by relay.example.org with ESMTPSA id 1',
  'Received: from relay.example.org (relay.example.org [192.0.2.26]) by relay.example.org with ESMTP id 1',
  'Received: from x (x [127.0.0.1]) by relay.example.org with ESMTP id 1',
  'Received: (qmail 1 invoked from network); date',
  'Received: by relay.example.org (Postfix, from userid 33) id 1',
  'Received: (((',
  'Authentication-Results: mx.example.org; spf=pass',
);

/** Answers by the name alone: found, not there, or nobody can tell; some at once and some in a while. */
const resolver = (salt: number): Resolver => {
  const answer = async <T>(name: string, record: T): Promise<Answer<T>> => {
    const choice = Buffer.from(name).reduce((sum, byte) => sum + byte, salt) % 5;
    if (choice > 2) await new Promise((resolve) => setImmediate(resolve));
    if (choice === 0) return { status: 'nxdomain', ttl: 1 };
    if (choice === 1) return { status: 'nodata', ttl: 1 };
    if (choice === 2) return { status: 'temperror', why: 'SERVFAIL' };
    return { status: 'found', records: [record], ttl: 1 };
  };
  return {
    a: (name) => answer(name, '192.0.2.10'),
    aaaa: (name) => answer(name, '2001:db8::1'),
    mx: (name) => answer(name, { preference: 10, exchange: salt % 3 === 0 ? '' : name }),
    ptr: (name) => answer(name, 'mx.example.net'),
    txt: (name) => answer(name, 'x'),
  };
};

const REPLY = /^(?:([45])\d\d \1\.\d{1,3}\.\d{1,3}(?: [ -~]*)?|discard)$/;

/** Plays a session as an MTA would: what is refused goes no further. Returns how many answers came. */
async function plays(
  dialogue: Dialogue,
  { command, client, name, resolve, helo, tls, auth, transactions }: SessionOf,
): Promise<number> {
  let answers = 0;
  const taken = async (line: string): Promise<boolean> => {
    const { reply } = await dialogue.says(line);
    answers++;
    if (reply === null) return true;
    expect(reply, line).to.match(REPLY);
    expect(reply.replaceAll('%%', '%').length, line).to.be.at.most(510);
    return reply === 'discard';
  };
  const opened = command === 'SUBMIT' ? `SUBMIT ${name} ${client}` : `CONNECT ${client} ${name} ${resolve}`;
  if (!(await taken(opened))) return answers;
  if (tls) await dialogue.says('STARTTLS mx.example.net');
  if (helo !== null && !(await taken(`HELO ${helo}`))) return answers;
  if (auth) await dialogue.says('AUTH tester');
  for (const { sender, recipients, reset } of transactions) {
    if (!(await taken(`MAIL FROM:<${sender}>`))) continue;
    let some = false;
    for (const recipient of recipients) some = (await taken(`RCPT TO:<${recipient}>`)) || some;
    if (reset) await dialogue.says('RSET');
    else if (some && (await taken('DATA'))) await taken('.');
  }
  await dialogue.says('QUIT');
  return answers;
}

type SessionOf = typeof session extends fc.Arbitrary<infer T> ? T : never;

describe('Any policy of the words that there are', () => {
  it('answers any session, and has no bug that it would notice', async function () {
    this.timeout(60_000);
    let answers = 0;
    const property = fc.asyncProperty(
      anyConfig,
      fc.array(session, { minLength: 1, maxLength: 3 }),
      fc.nat(1000),
      fc.constantFrom(2, 3, 4, 5, 6),
      async (written, sessions, salt, version) => {
        const events: Event[] = [];
        let nowMs = 0;
        const dialogue = await Dialogue.open({
          config: stringify(written),
          store: openMemoryStore(),
          now: () => (nowMs += 20_000),
          sink: (event) => void events.push(event),
          offer: { version },
          resolver: resolver(salt),
        });
        for (const each of sessions) answers += await plays(dialogue, each);
        dialogue.close();
        const troubles = events.filter(({ kind }) => !['early', 'recipient', 'message'].includes(kind));
        expect(troubles).to.deep.equal([]);
      },
    );
    await fc.assert(property, { numRuns: 500 });
    expect(answers).to.be.greaterThan(2000);
  });

  it('says nothing but yes to a trusted relay, whoever was before it', async function () {
    this.timeout(60_000);
    const written = fc.tuple(
      anyConfig,
      fc.constantFrom('tag', 'quarantine'),
      fc.constantFrom([], ['192.0.2.0/24'], ['203.0.113.0/24']),
    );
    const property = fc.asyncProperty(
      written,
      fc.array(session, { minLength: 1, maxLength: 2 }),
      fc.array(received, { maxLength: 3 }),
      fc.nat(1000),
      fc.constantFrom(2, 3, 4, 5, 6),
      async ([policy, onReject, mynetworks], sessions, header, salt, version) => {
        const events: Event[] = [];
        const dialogue = await Dialogue.open({
          config: stringify({
            ...policy,
            mynetworks,
            trusted_relays: ['192.0.2.0/24', '2001:db8::/32'],
            on_relayed_reject: onReject,
          }),
          store: openMemoryStore(),
          now: () => 0,
          sink: (event) => void events.push(event),
          offer: { version },
          resolver: resolver(salt),
        });
        const says = async (line: string): Promise<void> => {
          expect((await dialogue.says(line)).reply, line).to.equal(null);
        };
        for (const { helo, auth, tls, transactions } of sessions) {
          await says(`CONNECT ${salt % 2 === 0 ? '192.0.2.25' : '2001:db8::25'} relay.example.org`);
          if (tls) await says('STARTTLS mx.example.net');
          if (helo !== null) await says(`HELO ${helo}`);
          if (auth) await says('AUTH tester');
          for (const { sender, recipients, reset } of transactions) {
            await says(`MAIL FROM:<${sender}>`);
            for (const recipient of [...recipients, 'bob@example.org']) await says(`RCPT TO:<${recipient}>`);
            // Before version 4 a dialogue takes DATA for the end of the message.
            const data = version < 4 ? [] : ['DATA'];
            const rest = reset ? ['RSET'] : [...data, ...header.map((each) => `HEADER ${each}`), '.'];
            for (const line of rest) await says(line);
          }
          await says('QUIT');
        }
        dialogue.close();
        const troubles = events.filter(
          ({ kind }) => !['recipient', 'message', 'received-unread'].includes(kind),
        );
        expect(troubles).to.deep.equal([]);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
