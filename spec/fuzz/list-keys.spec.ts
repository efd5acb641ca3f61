/** Wherever an administrator writes a customer's key, with whatever slip: no command shows it, nor does a log line. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Packet, type Resource } from 'dns2';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { run as check } from '../../lib/cli/check.ts';
import { run as doctor } from '../../lib/cli/doctor.ts';
import { run as explain } from '../../lib/cli/explain.ts';
import { run as importFrom } from '../../lib/cli/import.ts';
import { run as lists } from '../../lib/cli/lists.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Command = (args: readonly string[]) => number | Promise<number>;

const LISTED = /^(?:2\.0\.0\.127|10\.2\.0\.192|test|example\.net|mx\.example\.net)\./;

/** A DNS server for which every list lists the client, and none the world. */
async function startLists(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const response = Packet.createResponseFromRequest(Packet.parse(message));
    const { name, type } = response.questions[0]!;
    if (!LISTED.test(name)) response.header.rcode = 3;
    else if (type === Packet.TYPE.A)
      response.answers.push({
        name,
        type,
        class: Packet.CLASS.IN,
        ttl: 60,
        address: '127.0.0.2',
      } as Resource);
    socket.send(response.toBuffer(), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

const char = (alphabet: string): fc.Arbitrary<string> => fc.constantFrom(...alphabet.split(''));
const key = fc
  .oneof(
    // Of Spamhaus, of Abusix.
    fc.string({ unit: char('abcdefghijklmnopqrstuvwxyz0123456789'), minLength: 26, maxLength: 26 }),
    fc.string({ unit: char('0123456789abcdef'), minLength: 32, maxLength: 32 }),
  )
  .filter((text) => /\d/.test(text) && /[a-z]/.test(text))
  .chain((text) => fc.constantFrom(text, text.toUpperCase()));

const behind = fc.constantFrom(
  ...'zen.dq.spamhaus.net combined.mail.abusix.zone dbl.dq.spamhaus.net. lists.example.org example'.split(
    ' ',
  ),
);
/** A letter is gone, or another. */
const slipped = fc
  .tuple(behind, fc.nat({ max: 24 }), fc.constantFrom('', '', 'x', '-', '_', '.', ' ', '$', 'é'))
  .map(([name, at, put]) => name.slice(0, at) + put + name.slice(at + 1));
const tail = fc.oneof(behind, behind, slipped);

/** With KEY where the key comes. */
const zone = fc
  .tuple(
    fc.constantFrom(
      ...[
        'KEY.',
        'KEY.',
        'KEY.',
        'KEY-x.',
        'x-KEY.',
        'x.KEY.',
        'KEY.x.',
        'KEY',
        'KEY_',
        '${KEY}.',
        '$KEY.',
        '${KEY.',
      ],
      ...['x.${KEY}.', '${k}.KEY.', 'https://KEY.', '.KEY.', 'KEY..', '"KEY".', 'KEYKEY.', 'KEY@', 'x/KEY.'],
    ),
    tail,
    fc.constantFrom(
      '',
      '=127.0.0.2',
      '=127.0.0.2',
      '=127.0.0.[2..11]',
      '=127.0.0',
      '*2',
      '*x',
      '=KEY',
      ' KEY',
    ),
  )
  .map((parts) => parts.join(''));

const word = fc.constantFrom(
  ...'reject_rbl_client reject_rhsbl_client reject_rhsbl_reverse_client reject_rhsbl_helo reject_rhsbl_sender'.split(
    ' ',
  ),
  ...'reject_rhsbl_recipient permit_dnswl_client permit_rhswl_client skip_greylist_dnswl_client'.split(' '),
  ...[
    'warn_if_reject reject_rbl_client',
    'soft_first reject_rbl_client',
    'reject_rbl_clinet',
    'permit',
    'greylist',
  ],
  ...['check_client_access', 'reject_maps_rbl', ''],
);

/** As it is, and in quotes: what is right for YAML, and what is not. */
const scalar = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.constantFrom(0, 1, 1, 1))
    .map(([each, quoted]) => (quoted === 1 ? JSON.stringify(each) : each));

const rule = fc.tuple(word, zone).map(([name, list]) => `${name} ${list}`);
const item = fc.oneof(
  scalar(rule),
  scalar(rule).map((text) => `{ rule: ${text}, reply: "550 5.7.1 Go away %{zone} %{reason}" }`),
  scalar(zone).map((text) => `{ rule: reject_rbl_client bl.example.org=127.0.0.2, name: ${text} }`),
  fc
    .tuple(scalar(zone), scalar(zone))
    .map((sites) => `{ dnsbl_score: { sites: [${sites.join(', ')}], reject: 1 } }`),
  fc
    .tuple(
      fc.constantFrom('dnsbl', 'dnswl', 'dnsbll', 'client'),
      fc.oneof(
        scalar(zone),
        fc.tuple(scalar(zone), scalar(zone)).map((both) => `[${both.join(', ')}]`),
      ),
      fc.constantFrom('reject', 'greylist', 'accept', 'tag x', 'rejcet'),
      fc.boolean(),
    )
    .map(([fact, value, then, not]) => {
      const when = not ? `{ not: { ${fact}: ${value} } }` : `{ ${fact}: ${value}, helo: mx.example.net }`;
      return `{ when: ${when}, then: ${then} }`;
    }),
  fc
    .tuple(
      fc.constantFrom('inline:{ {192.0.2.10 = RULE} }', 'inline:{ 192.0.2.10=RULE }', 'pcre:{{/./ RULE}}'),
      rule,
    )
    .map(([table, result]) => JSON.stringify(`check_client_access ${table.replace('RULE', () => result)}`)),
  fc.constant('check_client_access hash:FOLDER/table'),
);

const settings = fc.oneof(
  fc.constant('{}'),
  fc.constantFrom(
    '{ key_files: { k: FOLDER/good } }',
    '{ key_files: { k: FOLDER/bad } }',
    '{ key_files: { k: "${DQS}" } }',
    '{ key_files: { k: "${KEY}" } }',
    '{ key_files: { k: KEY } }',
    '{ key_files: { k: /KEY } }',
    '{ key_files: { k: FOLDER/KEY.key } }',
    '{ key_files: { KEY: FOLDER/good, k: FOLDER/good } }',
    '{ key_files: { k-KEY: FOLDER/none } }',
    '{ key_files: [KEY] }',
    '{ data: /KEY }',
    '{ data: FOLDER/good }',
    '{ KEY: 1 }',
  ),
  fc
    .tuple(scalar(zone), fc.oneof(fc.constant('our-list'), scalar(zone)))
    .map(([name, shown]) => `{ aliases: { ${name}: ${shown} } }`),
);

const KEYED = '"reject_rbl_client ${k}.zen.dq.spamhaus.net=127.0.0.2"';
const wild = fc
  .record({ settings, items: fc.array(item, { minLength: 1, maxLength: 2 }), keyed: fc.boolean() })
  .map(({ settings, items, keyed }) => ({ settings, items: keyed ? [...items, KEYED] : items }));

/** What is taken, and asked: an answer, a reason and a line of the log come of it. */
const soundZone = fc
  .tuple(
    fc.constantFrom('KEY.', 'KEY.', 'KEY-x.', 'x-KEY.', 'x.KEY.', 'KEY.x.', 'KEY_', 'KEY', '${k}.'),
    fc.constantFrom(
      ...'zen.dq.spamhaus.net combined.mail.abusix.zone zen.dq.spmahaus.net combined.mail.abusix.zon'.split(
        ' ',
      ),
      ...'lists.example.org example.'.split(' '),
    ),
  )
  .map((parts) => `${parts.join('')}=127.0.0.2`);
const soundItem = fc.oneof(
  soundZone.map((list) => JSON.stringify(`reject_rbl_client ${list}`)),
  soundZone.map((list) => JSON.stringify(`reject_rhsbl_sender ${list}`)),
  soundZone.map((list) => JSON.stringify(`permit_dnswl_client ${list}`)),
  soundZone.map((list) =>
    JSON.stringify(`check_client_access inline:{ {192.0.2.10 = reject_rbl_client ${list}} }`),
  ),
  soundZone.map(
    (list) => `{ rule: ${JSON.stringify(`reject_rbl_client ${list}`)}, reply: "550 %{zone} %{reason}" }`,
  ),
  soundZone.map((list) => `{ dnsbl_score: { sites: [${JSON.stringify(`${list}*3`)}], reject: 1 } }`),
  soundZone.map((list) => `{ when: { dnsbl: ${JSON.stringify(list)} }, then: reject go away }`),
  soundZone.map((list) => `{ when: { not: { dnswl: [${JSON.stringify(list)}] } }, then: reject go away }`),
);
const sound = fc.record({
  settings: fc.oneof(
    fc.constantFrom(
      '{ key_files: { k: FOLDER/good } }',
      '{ key_files: { k: FOLDER/bad } }',
      '{ key_files: { k: "${DQS}" } }',
    ),
    soundZone.map(
      (list) =>
        `{ key_files: { k: FOLDER/good }, aliases: { ${JSON.stringify(list.replace(/=.*/, ''))}: our-list } }`,
    ),
  ),
  items: fc.array(soundItem, { minLength: 1, maxLength: 3 }).map((items) => [...items, KEYED]),
});

const config = fc.oneof(wild, sound).map(({ settings, items }) => {
  const policy = [...items, 'greylist'].map((each) => `  - ${each}\n`).join('');
  return `lists: ${settings}\npolicy:\n${policy}`;
});

const setting = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('client', 'helo', 'sender', 'recipient', 'data'),
      fc.array(rule, { minLength: 1, maxLength: 3 }),
    )
    .map(([list, rules]) => `smtpd_${list}_restrictions = ${rules.join(', ')}`),
  fc
    .array(zone, { minLength: 1, maxLength: 3 })
    .map((sites) => `postscreen_dnsbl_sites = ${sites.join(' ')}\npostscreen_dnsbl_action = enforce`),
  zone.map((list) => `maps_rbl_domains = ${list}\nsmtpd_client_restrictions = reject_maps_rbl`),
  zone.map((list) => `rbl = ${list}\nsmtpd_client_restrictions = reject_rbl_client $rbl`),
);
const mainCf = fc.array(setting, { minLength: 1, maxLength: 2 }).map((lines) => lines.join('\n'));

describe('The key of a DNS list', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const before = { ...process.env };
  let dns: Socket;

  beforeEach(async () => {
    dns = await startLists();
    // No program of the machine is asked.
    Object.assign(process.env, { STATE_DIRECTORY: folder(), PATH: '' });
    mkdirSync(join(folder(), 'postfix'));
    writeFileSync(join(folder(), 'postfix/master.cf'), 'smtp inet n - n - - smtpd\n');
  });
  afterEach(() => {
    for (const name of ['STATE_DIRECTORY', 'PATH', 'DQS']) delete process.env[name];
    Object.assign(process.env, before);
    dns.close();
  });

  /** What it prints, or throws. */
  async function printed(command: Command, ...args: readonly string[]): Promise<string> {
    const streams = [process.stdout, process.stderr];
    let text = '';
    const write = (chunk: string | Uint8Array): boolean => {
      text += String(chunk);
      return true;
    };
    // Their own is that of their class.
    for (const stream of streams) stream.write = write;
    try {
      await command(args);
    } catch (error) {
      text += error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    } finally {
      for (const stream of streams) Reflect.deleteProperty(stream, 'write');
    }
    return text;
  }

  function configure(text: string, secret: string): string {
    const file = join(folder(), 'postern.yaml');
    const written = (name: string, content: string): void => {
      const filled = content.replaceAll('KEY', () => secret).replaceAll('FOLDER', folder());
      writeFileSync(name === '' ? file : join(folder(), name), filled);
    };
    process.env['DQS'] = secret;
    written('good', secret);
    written('bad', `my key is ${secret}`);
    written(
      'table',
      `192.0.2.10 reject_rbl_client KEY.zen.dq.spmahaus.net=127.0.0.2\nx.example reject_rbl_clinet KEY.zen\n192.0.2.10 OK KEY\n`,
    );
    const server = `127.0.0.1:${dns.address().port}`;
    written('', `store: memory\ndns: { servers: ["${server}"], timeout: 1s }\n${text}`);
    return file;
  }

  function shows(out: string, secret: string): boolean {
    return out.toLowerCase().includes(secret.toLowerCase());
  }

  const ENVELOPE =
    '--client 192.0.2.10 --ptr mx.example.net --helo mx.example.net --from a@example.net --rcpt b@example.org'.split(
      ' ',
    );
  const COMMANDS: readonly (readonly [command: Command, ...args: readonly string[]])[] = [
    [check],
    [check, '--json'],
    [explain, ...ENVELOPE],
    [explain, '--json', ...ENVELOPE],
    [(args) => lists(args)],
    [(args) => lists(args), '--json'],
  ];

  it('is in no output of check, explain and lists, and no line of the log, wherever the config has it', async () => {
    await fc.assert(
      fc.asyncProperty(config, key, async (text, secret) => {
        const file = configure(text, secret);
        for (const [command, ...args] of COMMANDS) {
          const out = await printed(command, ...args, '--config', file);
          expect(out).not.to.equal('');
          if (shows(out, secret)) expect.fail(`${args.join(' ')}: ${out}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is in no output of doctor and import, wherever the config or main.cf has it', async () => {
    await fc.assert(
      fc.asyncProperty(config, mainCf, key, async (text, postfix, secret) => {
        const file = configure(text, secret);
        writeFileSync(
          join(folder(), 'postfix/main.cf'),
          `myhostname = mx.example.org\n${postfix.replaceAll('KEY', () => secret)}\n`,
        );
        // Postfix reads no file before it is two seconds old: somebody may still be writing.
        for (const name of ['main.cf', 'master.cf']) utimesSync(join(folder(), 'postfix', name), 0, 0);
        const args = ['--config', file, '--postfix', join(folder(), 'postfix')];
        for (const out of [
          await printed((words) => importFrom(words), 'postfix', join(folder(), 'postfix/main.cf')),
          await printed((words) => doctor(words), ...args),
          await printed((words) => doctor(words), '--json', ...args),
        ]) {
          expect(out).not.to.equal('');
          if (shows(out, secret)) expect.fail(out);
        }
      }),
      { numRuns: 25 },
    );
  });
});
