/**
 * The same sessions twice: once the restrictions stand in Postfix's main.cf, once in Postern's policy. Code by code and
 * text by text, the client hears the same.
 */

import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { eventually } from '../support/mta/eventually.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, NETWORK_PROGRAMS, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { MAIN } from '../support/program.ts';

/** What the client says after EHLO; a line `HELO x` begins a new greeting. */
interface Session {
  readonly from?: string;
  readonly helo?: string;
  readonly lines: readonly string[];
}

interface Case {
  readonly title: string;
  /** Both a value of main.cf and a policy, by list. */
  readonly lists: Readonly<Partial<Record<'client' | 'helo' | 'sender' | 'recipient', string>>>;
  readonly sessions: readonly Session[];
}

const BOB = 'RCPT TO:<bob@example.org>';
const ALICE = 'MAIL FROM:<alice@example.net>';

const from = (sender: string, recipient = BOB): Session => ({ lines: [`MAIL FROM:<${sender}>`, recipient] });
const helo = (name: string): Session => ({ helo: name, lines: [ALICE, BOB] });

const ZONE = [
  'example.net. MX 10 mx.example.net.',
  'mx.example.net. A 192.0.2.10',
  'example.org. MX 10 mx.example.org.',
  'mx.example.org. A 203.0.113.25',
  'null.example.net. MX 0 .',
  'dangling.example.net. MX 10 nowhere.example.net.',
  'broken.example.net. SERVFAIL',
  'gone.example.net. NXDOMAIN',
  'nowhere.example.net. NXDOMAIN',
  'address.example.net. A 192.0.2.10',
];

const CASES: readonly Case[] = [
  { title: 'permit', lists: { recipient: 'permit, reject' }, sessions: [from('alice@example.net')] },
  { title: 'reject', lists: { recipient: 'reject' }, sessions: [from('alice@example.net')] },
  { title: 'defer', lists: { recipient: 'defer' }, sessions: [from('alice@example.net'), from('')] },
  {
    title: 'the unconditional words in lists of their own',
    lists: { client: 'permit', helo: 'permit', sender: 'reject' },
    sessions: [from('alice@example.net')],
  },
  { title: 'reject in the client list', lists: { client: 'reject' }, sessions: [from('alice@example.net')] },
  {
    title: 'reject in the client list, of a client without a name',
    lists: { client: 'reject' },
    sessions: [{ ...from('alice@example.net'), from: CLIENT.unnamed }],
  },
  { title: 'reject in the helo list', lists: { helo: 'reject' }, sessions: [helo('mx.example.net')] },
  {
    title: 'defer_if_permit',
    lists: { recipient: 'defer_if_permit, permit' },
    sessions: [from('alice@example.net')],
  },
  {
    title: 'defer_if_reject',
    lists: { recipient: 'defer_if_reject, reject' },
    sessions: [from('alice@example.net')],
  },
  {
    title: 'both deferrals',
    lists: { recipient: 'defer_if_permit, defer_if_reject, reject' },
    sessions: [from('alice@example.net')],
  },
  {
    title: 'warn_if_reject',
    lists: { recipient: 'warn_if_reject reject, permit' },
    sessions: [from('alice@example.net')],
  },
  {
    title: 'reject_invalid_helo_hostname',
    lists: { recipient: 'reject_invalid_helo_hostname' },
    sessions: [
      helo('mx.example.net'),
      helo('bad..name'),
      helo('[192.0.2.10]'),
      helo('[192.0.2.999]'),
      helo('-x.example'),
    ],
  },
  {
    title: 'reject_non_fqdn_helo_hostname',
    lists: { recipient: 'reject_non_fqdn_helo_hostname' },
    sessions: [helo('mx.example.net'), helo('localhost'), helo('[192.0.2.10]'), helo('[junk]')],
  },
  {
    title: 'reject_unknown_helo_hostname',
    lists: { recipient: 'reject_unknown_helo_hostname' },
    sessions: [
      helo('mx.example.net'),
      helo('gone.example.net'),
      helo('broken.example.net'),
      helo('[192.0.2.10]'),
      helo('null.example.net'),
    ],
  },
  {
    title: 'reject_non_fqdn_sender and reject_non_fqdn_recipient',
    lists: { recipient: 'reject_non_fqdn_sender, reject_non_fqdn_recipient' },
    sessions: [from('alice@example.net'), from('alice@example'), from(''), from('alice@[192.0.2.10]')],
  },
  {
    title: 'reject_unknown_sender_domain',
    lists: { recipient: 'reject_unknown_sender_domain' },
    sessions: [
      from('alice@example.net'),
      from('alice@gone.example.net'),
      from('alice@null.example.net'),
      from('alice@broken.example.net'),
      from('alice@address.example.net'),
      from('alice@dangling.example.net'),
      from(''),
      from('Alice@Gone.Example.NET'),
    ],
  },
  {
    title: 'an unknown sender, and then a rejection',
    lists: { recipient: 'reject_unknown_sender_domain, reject' },
    sessions: [from('alice@broken.example.net')],
  },
  {
    title: 'reject_unknown_reverse_client_hostname and reject_unknown_client_hostname',
    lists: { client: 'reject_unknown_reverse_client_hostname, reject_unknown_client_hostname' },
    sessions: [from('alice@example.net'), { ...from('alice@example.net'), from: CLIENT.unnamed }],
  },
  {
    title: 'check_client_access',
    lists: {
      recipient: `check_client_access inline:{ {${CLIENT.unnamed}=REJECT}, {example.net=DEFER we know you} }`,
    },
    sessions: [from('alice@example.net'), { ...from('alice@example.net'), from: CLIENT.unnamed }],
  },
  {
    title: 'check_helo_access',
    lists: {
      recipient: 'check_helo_access inline:{ {example.net=550 5.7.9 not you}, {other.example=OK} }, reject',
    },
    sessions: [helo('mx.example.net'), helo('other.example'), helo('x')],
  },
  {
    title: 'check_sender_access',
    lists: {
      sender:
        'check_sender_access inline:{ {<>=REJECT no bounces}, {a@example.net=REJECT 5.1.2 no}, {b@=DEFER_IF_PERMIT hm}, ' +
        '{example.edu=permit}, {c@example.net=12345}, {d@example.net=HOLD}, {e@example.net=DEFER_IF_REJECT} }, reject',
    },
    sessions: [
      from(''),
      from('a@example.net'),
      from('A@EXAMPLE.NET'),
      from('b@sub.example.net'),
      from('x@sub.example.edu'),
      from('c@example.net'),
      from('d@example.net'),
      from('e@example.net'),
      from('f@example.net'),
    ],
  },
  {
    title: 'check_recipient_access',
    lists: {
      recipient:
        'check_recipient_access inline:{ {bob@example.org=450 4.3.2 full}, {carol@example.org=REJECT 5.1.8 gone}, ' +
        '{dan@example.org=DUNNO}, {example.org=WARN seen} }',
    },
    sessions: [
      from('alice@example.net'),
      from('alice@example.net', 'RCPT TO:<carol@example.org>'),
      from('alice@example.net', 'RCPT TO:<dan@example.org>'),
      from('alice@example.net', 'RCPT TO:<erin@example.org>'),
    ],
  },
  {
    title: 'a table that names policy words',
    lists: {
      recipient:
        'check_sender_access inline:{ {example.net=reject_non_fqdn_helo_hostname, defer}, {example.com=warn_if_reject reject} }, reject',
    },
    sessions: [
      { helo: 'localhost', lines: [ALICE, BOB] },
      from('alice@example.net'),
      from('alice@example.com'),
    ],
  },
];

const postfixPort = (i: number): number => 100 + i;
const posternPort = (i: number): number => 300 + i;

describe('The words of a policy', function () {
  this.timeout(120_000);
  let network: PrivateNetwork;
  let postfix: Postfix | undefined;

  const socketOf = (i: number): string => join(network.folder, `case-${i}.sock`);

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    const program = fileURLToPath(new URL('../support/mta/name-server.ts', import.meta.url));
    const names = network.start(process.execPath, [program, join(network.folder, 'zone')]);
    await once(names.stdout, 'data');
    for (const [i, { lists }] of CASES.entries()) {
      const policy = JSON.stringify(lists);
      const file = join(network.folder, `case-${i}.yaml`);
      writeFileSync(
        file,
        `listen: "unix:${socketOf(i)}"\nsocket_mode: "0666"\nstore: memory\nmynetworks: [127.0.0.0/8]\npolicy: ${policy}\n`,
      );
      const service = network.start(process.execPath, [MAIN, 'run', '--config', file]);
      let printed = '';
      service.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      service.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      await eventually(`Postern for "${CASES[i]!.title}"`, () => {
        if (service.exitCode !== null) throw new Error(printed);
        return existsSync(socketOf(i));
      });
    }
    postfix = await Postfix.start(network, {
      milters: '',
      services: Object.fromEntries(CASES.flatMap(services)),
    });
  });

  function services({ lists }: Case, i: number): [number, string[]][] {
    const restrictions = Object.entries(lists).map(([list, words]) => `smtpd_${list}_restrictions=${words}`);
    return [
      [postfixPort(i), restrictions],
      [posternPort(i), [`smtpd_milters=unix:${socketOf(i)}`]],
    ];
  }

  after(async () => {
    await postfix?.stop();
    await network?.close();
  });

  async function hears(
    port: number,
    { from: client = CLIENT.named, helo: name, lines }: Session,
  ): Promise<string[]> {
    const smtp = await postfix!.connect(client, port);
    const heard: string[] = [];
    for (const line of [`HELO ${name ?? 'mx.example.net'}`, ...lines]) heard.push(await smtp.says(line, ''));
    await smtp.quits();
    return heard;
  }

  for (const [i, { title, sessions }] of CASES.entries()) {
    it(`mean what they mean in main.cf: ${title}`, async () => {
      for (const session of sessions) {
        const [here, there] = [await hears(posternPort(i), session), await hears(postfixPort(i), session)];
        expect(here, JSON.stringify(session)).to.deep.equal(there);
      }
    });
  }
});
