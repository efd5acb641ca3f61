/**
 * The setups of the import, twice: once with main.cf as it was, once with what the import leaves of it and Postern
 * behind. Whatever is not greylisted, and listed nowhere, hears the same.
 */

import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
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
const CODES = ['unknown_address_reject_code', 'unknown_client_reject_code'];

const ZONE = [
  'example.net. MX 10 mx.example.net.',
  'mx.example.net. A 192.0.2.10',
  'example.org. MX 10 mx.example.org.',
  'mx.example.org. A 203.0.113.25',
  'example.com. MX 10 mx.example.net.',
  'example.edu. MX 10 mx.example.net.',
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

/** What answers over the network of nobody here. */
const ELSEWHERE =
  /,?\s*\b(?:check_policy_service \S+|check_\w+_access ldap:\S+|reject_unverified_recipient)/g;

const postfixPort = (i: number): number => 100 + i;
const posternPort = (i: number): number => 300 + i;

describe('What the import makes of a setup', function () {
  this.timeout(120_000);
  let network: PrivateNetwork;
  let postfix: Postfix | undefined;

  const socketOf = (i: number): string => join(network.folder, `setup-${i}.sock`);

  /** Tables lie in the folder of the network, and need no postmap. */
  function here(name: string, text: string): string {
    return text.replace(/(?:hash|cidr):\/etc\/postfix\/([\w.-]+)/g, (whole: string, file: string) =>
      existsSync(join(SETUPS, name, file))
        ? `${whole.startsWith('hash') ? 'texthash' : 'cidr'}:${join(network.folder, `${name}-${file}`)}`
        : whole,
    );
  }

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open();
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
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
        ['mynetworks', 'smtpd_restriction_classes', ...LISTS, ...CODES]
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
      const put = [...imported.matchAll(/^# (smtpd_\w+_restrictions) =(.*)$/gm)];
      const after = new Map([...before, ...put.map(([, key, value]) => [key!, value!.trim()] as const)]);
      const options = (settings: ReadonlyMap<string, string>): string[] =>
        [...settings].map(([key, value]) => `${key}=${here(name, value.replace(ELSEWHERE, ''))}`);
      services[postfixPort(i)] = options(before);
      services[posternPort(i)] = [...options(after), `smtpd_milters=unix:${socketOf(i)}`];
    }
    postfix = await Postfix.start(network, { milters: '', services });
  });

  /** Greylisting is left out: there is nobody to greylist on the other side. */
  async function serve(i: number, yaml: string): Promise<void> {
    const file = join(network.folder, `setup-${i}.yaml`);
    const policy = yaml
      .replace(/^observe: true$/m, '')
      .replace(/^listen: .*$/m, `listen: "unix:${socketOf(i)}"\nsocket_mode: "0666"\nstore: memory`)
      .replace(/^ *- greylist\b.*$/gm, '');
    writeFileSync(file, policy);
    const service = network.start(process.execPath, [MAIN, 'run', '--config', file]);
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
    // Whom the relay is closed to: Postfix refuses before Postern is asked, and so perhaps with other words.
    heard.push(/^[45]/.test(heard.pop()!) ? 'refused' : 'taken');
    await smtp.quits();
    return heard;
  }

  for (const [i, name] of NAMES.entries())
    it(`answers as its main.cf did: ${name}`, async () => {
      const answers = new Set<string>();
      for (const session of SESSIONS) {
        const [now, before] = [await hears(posternPort(i), session), await hears(postfixPort(i), session)];
        expect(now, JSON.stringify(session)).to.deep.equal(before);
        for (const answer of before) answers.add(answer.slice(0, 3));
      }
      // A setup that takes or refuses everything shows nothing.
      expect(answers.size).to.be.greaterThan(1);
    });
});
