/**
 * The setups of the import, with main.cf as it was, and with what the import leaves of it and Postern
 * behind. Whatever is not greylisted hears the same, listed or not.
 */

import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { ADDRESS_TESTS } from '../../lib/lists/test-entries.ts';
import { readMainCf } from '../../lib/import/main-cf.ts';
import { Parameters } from '../../lib/import/parameters.ts';
import { importSetup, SETUPS } from '../import/import-setup.ts';
import { eventually } from '../support/mta/eventually.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, NETWORK_PROGRAMS, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { MAIN } from '../support/program.ts';

const NAMES = readdirSync(SETUPS);
const LISTS = ['client', 'helo', 'sender', 'relay', 'recipient', 'data'].map(
  (list) => `smtpd_${list}_restrictions`,
);
const REPLIES = [
  'unknown_address_reject_code',
  'unknown_client_reject_code',
  'maps_rbl_reject_code',
  'default_rbl_reply',
  'rbl_reply_maps',
];

const ZONE = [
  'example.net. MX 10 mx.example.net.',
  'mx.example.net. A 192.0.2.10',
  'example.org. MX 10 mx.example.org.',
  'mx.example.org. A 203.0.113.25',
  'example.com. MX 10 mx.example.net.',
  'example.edu. MX 10 mx.example.net.',
];

/** The key of the setup that has one. */
const KEY = 'abcdefghijklmnop0123456789';

/** DNS lists of the setups: each has the test entries by which it is known to work. */
const ZONES = [
  'zen.spamhaus.org',
  'hostkarma.junkemailfilter.com',
  'bl.spamcop.net',
  'b.barracudacentral.org',
  'psbl.surriel.com',
  'bl.mailspike.net',
  'rep.mailspike.net',
  'wl.mailspike.net',
  'truncate.gbudb.net',
  'iadb.isipp.com',
  'list.dnswl.org',
  'bl.example.org',
  'dbl.spamhaus.org',
  `${KEY}.zen.dq.spamhaus.net`,
  `${KEY}.dbl.dq.spamhaus.net`,
];

const TEST_ENTRIES = ZONES.flatMap((zone) => {
  const { listed, answer } = BUNDLED_LISTS.find(zone)?.tests ?? ADDRESS_TESTS;
  if (listed === null) return [];
  const entry = isIPv4(listed) ? listed.split('.').toReversed().join('.') : listed;
  return [`${entry}.${zone}. A ${answer?.text ?? (isIPv4(listed) ? '127.0.0.2' : '127.0.1.2')}`];
});

/** Who pays for them hears the same of his own zones. */
function withKey(records: readonly string[]): string[] {
  return records.flatMap((record) => [
    record,
    ...(/\b(?:zen|dbl)\.spamhaus\.org\./.test(record)
      ? [record.replace(/(zen|dbl)\.spamhaus\.org\./, `${KEY}.$1.dq.spamhaus.net.`)]
      : []),
  ]);
}

/** By the last number of the address, 192.0.2.x: what lists say of it. */
const LISTED: Readonly<Record<number, readonly string[]>> = {
  111: [
    'zen.spamhaus.org. A 127.0.0.10',
    'zen.spamhaus.org. TXT "a dynamic address, see https://zen.example/"',
  ],
  112: ['zen.spamhaus.org. A 127.0.0.4', 'zen.spamhaus.org. A 127.0.0.2'],
  113: ['zen.spamhaus.org. A 127.0.0.4', 'list.dnswl.org. A 127.0.5.2'],
  114: [
    'bl.spamcop.net. A 127.0.0.2',
    'bl.spamcop.net. TXT "Blocked"',
    'hostkarma.junkemailfilter.com. A 127.0.0.3',
  ],
  115: ['rep.mailspike.net. A 127.0.0.12', 'wl.mailspike.net. A 127.0.0.19', 'bl.spamcop.net. A 127.0.0.2'],
  117: ['zen.spamhaus.org. A 127.0.0.11'],
  118: ['bl.example.org. A 127.0.0.2'],
};

/** A list that refuses its resolver says this, and means nobody. */
const UNLUCKY = 116;

const LISTINGS = [
  ...Object.entries(LISTED),
  [UNLUCKY, ['zen.spamhaus.org. A 127.255.255.254']] as const,
].flatMap(([last, records]) => [
  ...records.map((record) => `${last}.2.0.192.${record}`),
  `${last}.2.0.192.in-addr.arpa. PTR host${last}.example.net.`,
  `host${last}.example.net. A 192.0.2.${last}`,
]);

const NAMED = [
  'spammy.example. MX 10 mx.example.net.',
  'spammy.example. A 192.0.2.10',
  'spammy.example.dbl.spamhaus.org. A 127.0.1.2',
  'spammy.example.dbl.spamhaus.org. TXT "spams"',
  'abused.example. MX 10 mx.example.net.',
  'abused.example.dbl.spamhaus.org. A 127.0.1.102',
];

const SENDERS = [
  'alice@example.net',
  'alice@example',
  'alice@gone.example.net',
  '',
  'spam@example.com',
  'x@example.edu',
  'x@mail.example.edu',
  'news@newsletter.example.com',
  'boss@example.net',
];
const HELOS = ['mx.example.net', 'localhost', 'bad..name', 'gone.example.net'];
const RECIPIENTS = ['bob@example.org', 'bob@elsewhere.example'];

interface Session {
  readonly client: string;
  readonly helo: string;
  readonly sender: string;
}

const SESSIONS: readonly Session[] = [CLIENT.named, CLIENT.neighbour, CLIENT.unnamed].flatMap((client) => [
  ...HELOS.map((helo) => ({ client, helo, sender: SENDERS[0]! })),
  ...SENDERS.slice(1).map((sender) => ({ client, helo: HELOS[0]!, sender })),
]);

const AT_LISTS: readonly Session[] = [
  ...Object.keys(LISTED).map((last) => ({
    client: `192.0.2.${last}`,
    helo: HELOS[0]!,
    sender: SENDERS[0]!,
  })),
  { client: '192.0.2.114', helo: HELOS[0]!, sender: 'x@spammy.example' },
  { client: '192.0.2.114', helo: 'spammy.example', sender: SENDERS[0]! },
];

const FROM_UNLUCKY: Session = { client: `192.0.2.${UNLUCKY}`, helo: HELOS[0]!, sender: SENDERS[0]! };

/** What answers over the network of nobody here. */
const ELSEWHERE =
  /,?\s*\b(?:check_policy_service \S+|check_\w+_access ldap:\S+|reject_unverified_recipient)/g;

const postfixPort = (i: number): number => 100 + i;
/** With the lines of step 2. */
const importedPort = (i: number): number => 300 + i;

describe('What the import makes of a setup', function () {
  this.timeout(120_000);
  let network: PrivateNetwork;
  let postfix: Postfix | undefined;

  const socketOf = (i: number): string => join(network.folder, `setup-${i}.sock`);

  /** Tables lie in the folder of the network, and need no postmap. */
  function here(name: string, text: string): string {
    const keys = text.replaceAll('/etc/postern/spamhaus.key', join(network.folder, 'spamhaus.key'));
    return keys.replace(/(?:hash|cidr):\/etc\/postfix\/([\w.-]+)/g, (whole: string, file: string) =>
      existsSync(join(SETUPS, name, file))
        ? `${whole.startsWith('hash') ? 'texthash' : 'cidr'}:${join(network.folder, `${name}-${file}`)}`
        : whole,
    );
  }

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open([...Object.keys(LISTED), UNLUCKY].map((last) => `192.0.2.${last}`));
    writeFileSync(join(network.folder, 'spamhaus.key'), `${KEY}\n`);
    writeFileSync(
      join(network.folder, 'zone'),
      [...ZONE, ...TEST_ENTRIES, ...withKey([...LISTINGS, ...NAMED])].join('\n'),
    );
    const program = fileURLToPath(new URL('../support/mta/name-server.ts', import.meta.url));
    const names = network.start(process.execPath, [program, join(network.folder, 'zone')]);
    await once(names.stdout, 'data');
    const services: Record<number, string[]> = {};
    for (const [i, name] of NAMES.entries()) {
      const files = readdirSync(join(SETUPS, name));
      for (const file of files)
        copyFileSync(join(SETUPS, name, file), join(network.folder, `${name}-${file}`));
      const imported = importSetup(name);
      await serve(i, here(name, imported));
      const parameters = new Parameters(
        readMainCf(readFileSync(join(SETUPS, name, 'main.cf'), 'utf8')),
        '/etc/postfix',
      );
      const before = new Map(
        ['mynetworks', 'smtpd_restriction_classes', ...LISTS, ...REPLIES]
          .filter((each) => parameters.setting(each) !== null)
          .map((each) => [
            each,
            parameters
              .text(each)
              .replace(/\s+/g, ' ')
              .replace(/\[ ([\d.]+) \]/g, '[$1]'),
          ]),
      );
      for (const each of parameters.text('smtpd_restriction_classes').split(/[\s,]+/))
        if (each !== '') before.set(each, parameters.text(each));
      const options = (settings: ReadonlyMap<string, string>): string[] =>
        [...settings].map(([key, value]) => `${key}=${here(name, value.replace(ELSEWHERE, ''))}`);
      services[postfixPort(i)] = options(before);
      const put = [...imported.matchAll(/^# (smtpd_\w+_restrictions) =(.*)$/gm)];
      const after = new Map([...before, ...put.map(([, key, value]) => [key!, value!.trim()] as const)]);
      services[importedPort(i)] = [...options(after), `smtpd_milters=unix:${socketOf(i)}`];
    }
    postfix = await Postfix.start(network, { milters: '', services });
  });

  /** Greylisting is left out, and postscreen's score: there is nobody to greylist on the other side, and no postscreen. */
  async function serve(i: number, yaml: string): Promise<void> {
    const file = join(network.folder, `setup-${i}.yaml`);
    const policy = yaml
      .replace(/^observe: true$/m, '')
      .replace(/^listen: .*$/m, `listen: "unix:${socketOf(i)}"\nsocket_mode: "0666"\nstore: memory`)
      .replace(/^ *- greylist\b.*$/gm, '')
      .replace(/^( *)- dnsbl_score:\n(?:\1 .*\n)+/gm, '');
    writeFileSync(file, policy);
    const state = join(network.folder, `state-${i}`);
    mkdirSync(state);
    const env = { STATE_DIRECTORY: state };
    const service = network.start(process.execPath, [MAIN, 'run', '--config', file], env);
    let printed = '';
    service.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    service.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await eventually(`Postern for the setup ${NAMES[i]!}`, () => {
      if (service.exitCode !== null) throw new Error(printed);
      return existsSync(socketOf(i));
    });
  }

  after(async () => {
    await postfix?.stop();
    await network?.close();
  });

  async function hears(port: number, { client, helo, sender }: Session): Promise<string[]> {
    const smtp = await postfix!.connect(client, port);
    const heard: string[] = [];
    const recipients = RECIPIENTS.map((recipient) => `RCPT TO:<${recipient}>`);
    for (const line of [`HELO ${helo}`, `MAIL FROM:<${sender}>`, ...recipients])
      heard.push(await smtp.says(line, ''));
    const last = heard.pop()!;
    const hungUp = last === '(connection closed)';
    // Whom the relay is closed to: Postfix refuses before Postern is asked, and so perhaps with other words.
    heard.push(hungUp ? 'hung up' : /^[45]/.test(last) ? 'refused' : 'taken');
    if (hungUp) smtp.hangsUp();
    else await smtp.quits();
    return heard;
  }

  for (const [i, name] of NAMES.entries())
    it(`answers as its main.cf did: ${name}`, async () => {
      const answers = new Set<string>();
      for (const session of [...SESSIONS, ...AT_LISTS]) {
        const before = await hears(postfixPort(i), session);
        expect(await hears(importedPort(i), session), JSON.stringify(session)).to.deep.equal(before);
        for (const answer of before) answers.add(answer.slice(0, 3));
      }
      // A setup that takes or refuses everything shows nothing.
      expect(answers.size).to.be.greaterThan(1);
    });

  it('refuses nobody for an error of a list, as main.cf without a pattern did', async () => {
    for (const name of ['b', 'e']) {
      const i = NAMES.indexOf(name);
      expect((await hears(postfixPort(i), FROM_UNLUCKY)).join(' ')).to.match(/554 5\.7\.1 .*zen\.spamhaus/);
      expect(await hears(importedPort(i), FROM_UNLUCKY)).to.deep.equal([
        '250 mx.example.org',
        '250 2.1.0 Ok',
        '250 2.1.5 Ok',
        'refused',
      ]);
    }
  });
});
