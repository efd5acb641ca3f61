/** How long the MTA waits for us and we for it, by timers that the spec moves: the defaults, as no admin sets them. */

import { duplexPair } from 'node:stream';
import { expect } from 'chai';
import { readConfig } from '../../lib/config/read-config.ts';
import type { Resolver } from '../../lib/dns/resolver.ts';
import type { Store } from '../../lib/greylist/store.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { reject } from '../../lib/mail/reply.ts';
import { MtaSession } from '../../lib/milter/index.ts';
import type { Offer } from '../../lib/milter/index.ts';
import type { Event } from '../../lib/observe/event.ts';
import type { Decision } from '../../lib/policy/verdict.ts';
import { createGate } from '../../lib/server/gate.ts';
import type { GateSettings } from '../../lib/server/gate-settings.ts';
import { headerSettings } from '../../lib/server/header-settings.ts';
import { HOST_NAME, policyOn } from '../support/dialogue.ts';
import { noticing, turns, until } from '../support/hand-clock.ts';
import { handTimers } from '../support/hand-timers.ts';
import { NO_DNS } from '../support/materials.ts';

/** Sendmail waits 10 s for an answer. */
const LONGEST_ANSWER_MS = 8000;
/** libmilter's: the MTA says nothing while the client sends the message. */
const SHORTEST_IDLE_MS = 7_210_000;

const never = (): Promise<never> => new Promise(() => {});

const SILENT_DNS: Resolver = { a: never, aaaa: never, mx: never, ptr: never, txt: never };
const SILENT_DISK: Pick<Store, 'judge'> = { judge: never };

interface Given {
  readonly config?: string;
  readonly store?: Pick<Store, 'judge'>;
  readonly resolver?: Resolver;
  readonly decide?: NonNullable<GateSettings['decide']>;
  readonly offer?: Offer;
}

describe('The service keeps its deadlines', () => {
  const timers = handTimers();
  const events: Event[] = [];
  beforeEach(() => {
    events.length = 0;
    timers.takeOver();
  });

  function gate({ config = '', store = openMemoryStore(), resolver = NO_DNS, decide }: Given) {
    const loaded = readConfig(config, 'given', { stateDirectory: '/nonexistent' });
    if (!loaded.ok) throw new Error(loaded.problems.map(({ what }) => what).join('; '));
    const now = (): number => timers.clock.now();
    return createGate({
      policy: policyOn({ store, now, resolver }, loaded.config, new Map()),
      authservId: null,
      hostName: HOST_NAME,
      observe: false,
      headers: headerSettings(loaded.config),
      sink: (event) => void events.push(event),
      now,
      sessionId: () => 's',
      ...(decide === undefined ? {} : { decide }),
    });
  }

  /** A session of a stranger at MAIL. */
  async function stranger(sender: string, given: Given) {
    const [near, far] = duplexPair();
    const connection = gate(given).serve(far);
    const mta = new MtaSession(near);
    await mta.negotiate(given.offer);
    await mta.send(
      { kind: 'connect', host: 'mx.example.net', family: 'ipv4', port: 1, address: '192.0.2.10' },
      { '{client_resolve}': 'OK', '{client_ptr}': 'mx.example.net' },
    );
    await mta.send({ kind: 'helo', name: 'mx.example.net' });
    await mta.send({ kind: 'mail', sender, args: [] });
    return { mta, connection };
  }

  /** What has come, however long that takes. */
  async function heard<T>(answer: Promise<T>): Promise<T> {
    await takes(answer);
    return answer;
  }

  /** The milliseconds that pass until it has come. */
  async function takes(answer: Promise<unknown>): Promise<number> {
    const come = noticing(answer);
    const began = timers.clock.elapsed();
    for (await turns(); !come(); await turns()) {
      if (timers.clock.elapsed() - began > SHORTEST_IDLE_MS) throw new Error('it never comes');
      timers.clock.advance(100);
    }
    return timers.clock.elapsed() - began;
  }

  const rcpt = { kind: 'rcpt', recipient: '<bob@example.org>', args: [] } as const;

  for (const [what, given] of [
    ['the DNS', { config: 'policy: { recipient: [reject_unknown_sender_domain] }', resolver: SILENT_DNS }],
    ['the disk', { store: SILENT_DISK }],
    ['a decision', { decide: never }],
  ] as const) {
    it(`an answer at RCPT is given in time when ${what} hangs`, async () => {
      const { mta } = await stranger('<alice@example.net>', given);
      const ms = await takes(mta.send(rcpt));
      expect(ms).to.be.greaterThan(0).and.at.most(LONGEST_ANSWER_MS);
    });
  }

  it('so is one at DATA, where the null sender is judged', async () => {
    const { mta } = await stranger('<>', { store: SILENT_DISK });
    await takes(mta.send(rcpt));
    const ms = await takes(mta.send({ kind: 'data' }));
    expect(ms).to.be.greaterThan(0).and.at.most(LONGEST_ANSWER_MS);
  });

  it('so is one at end of message, where he is judged before version 4', async () => {
    const { mta } = await stranger('<>', { store: SILENT_DISK, offer: { version: 3 } });
    await takes(mta.send(rcpt));
    const ms = await takes(mta.end());
    expect(ms).to.be.greaterThan(0).and.at.most(LONGEST_ANSWER_MS);
  });

  it('a decision that is late because DNS and disk both hang is none that came too late', async () => {
    const config = 'policy: [reject_unknown_sender_domain, greylist]';
    const { mta } = await stranger('<alice@example.net>', {
      ...{ config, resolver: SILENT_DNS, store: SILENT_DISK },
    });
    await takes(mta.send(rcpt));
    expect(events.filter(({ kind }) => kind === 'answer-fault')).to.deep.equal([]);
  });

  const REFUSED: Decision = {
    verdict: { action: 'reject', reply: reject(550, '5.7.1', 'no') },
    rule: 'no',
    reason: 'no',
  };
  const NOTHING: Decision = { verdict: { action: 'continue' }, rule: null, reason: 'nothing' };
  const TOLD = { verdict: { action: 'continue' }, rule: null, reason: 'no decision in time' };

  function inTurns(...decisions: (Decision | Promise<Decision>)[]): () => Decision | Promise<Decision> {
    return () => decisions.shift()!;
  }

  it('what comes of a recipient after that is not told: he was let in', async () => {
    const late = Promise.withResolvers<Decision>();
    const { mta } = await stranger('<alice@example.net>', { decide: inTurns(late.promise, NOTHING) });
    expect(await heard(mta.send(rcpt))).to.deep.equal({ kind: 'continue' });
    late.resolve(REFUSED);
    await mta.send({ kind: 'data' });
    await mta.end();
    const told = events.filter((event) => event.kind === 'recipient');
    expect(told.map(({ decision }) => decision)).to.deep.equal([TOLD]);
    expect(events.find(({ kind }) => kind === 'message')).to.deep.include({ recipients: 1 });
  });

  it('nor what comes at DATA after that, of the null sender', async () => {
    const late = Promise.withResolvers<Decision>();
    const { mta } = await stranger('<>', {
      decide: inTurns({ ...NOTHING, postponed: true }, late.promise),
    });
    await mta.send(rcpt);
    expect(await heard(mta.send({ kind: 'data' }))).to.deep.equal({ kind: 'continue' });
    late.resolve(REFUSED);
    await mta.end();
    const told = events.filter((event) => event.kind === 'recipient');
    expect(told.map(({ decision }) => decision)).to.deep.equal([TOLD]);
  });

  for (const forged of [1, 1001])
    it(`nothing is told of a message with ${forged} forged fields whose MTA goes while its end is looked up`, async () => {
      const config = 'policy: [permit, check_spf]';
      const { mta, connection } = await stranger('<alice@example.net>', { config, resolver: SILENT_DNS });
      await mta.send(rcpt);
      await mta.send({ kind: 'data' });
      for (let n = 0; n < forged; n++)
        await mta.send({ kind: 'header', name: 'Received-SPF', value: ' pass' });
      mta.end().catch(() => {});
      await turns();
      connection.destroy();
      await connection.closed;
      for (let ms = 0; ms < LONGEST_ANSWER_MS; ms += 100, await turns()) timers.clock.advance(100);
      expect(events.map(({ kind }) => kind)).to.deep.equal(['recipient']);
    });

  it('an MTA may be silent between DATA and the header for as long as libmilter lets it, and not for ever', async () => {
    const { mta, connection } = await stranger('<alice@example.net>', {});
    const closed = noticing(connection.closed);
    await mta.send(rcpt);
    await mta.send({ kind: 'data' });
    timers.clock.advance(SHORTEST_IDLE_MS);
    await turns();
    expect(closed()).to.equal(false);
    expect(events.filter(({ kind }) => kind === 'connection-fault')).to.deep.equal([]);
    timers.clock.advance(SHORTEST_IDLE_MS);
    await until(closed);
    expect(events.filter(({ kind }) => kind === 'connection-fault')).to.have.length(1);
  });
});
