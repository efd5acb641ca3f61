/**
 * The same sessions twice: once the restrictions stand in Postfix's main.cf, once in Postern's policy. Code by code and
 * text by text, the client hears the same. What is compared stands in words.ts.
 */

import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { NETWORK_PROGRAMS, PrivateNetwork } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { SideBySide, startProgram } from '../support/mta/side-by-side.ts';
import { makeTlsKey } from '../support/mta/tls-key.ts';
import { randomRows } from './random-rows.ts';
import type { Row, Session } from './word-rows.ts';
import { TABLE, uncompared, ZONE } from './words.ts';

interface Case {
  readonly word: string;
  readonly row: Row;
  readonly random?: true;
}

/** So that a failure can be played again; and how many policies of many words there are. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const RANDOM = Number(process.env['RANDOM_POLICIES'] ?? (process.env['CI'] === 'true' ? 100 : 20));

const CASES: readonly Case[] = [
  ...Object.entries(TABLE).flatMap(([word, rows]) =>
    typeof rows === 'string' ? [] : rows.map((row) => ({ word, row })),
  ),
  ...randomRows(SEED, RANDOM).map((row) => ({
    word: `many words (SEED=${SEED})`,
    row,
    random: true as const,
  })),
];

/** A title that fits a line. */
function titleOf({ lists }: Row): string {
  const text = Object.entries(lists)
    .map(([list, words]) => `${list}: ${words}`)
    .join('; ');
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

function certificate(folder: string): { key: string; cert: string } {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
  return { key: key!, cert: cert! };
}

interface Heard {
  readonly said: string;
  readonly session: Session;
  readonly postfix: readonly string[];
  readonly postern: readonly string[];
}

/** That a row shows what it says: what holds hears something else than what does not. */
function judge({ does, holds, passes }: Row, heard: readonly Heard[]): void {
  const last = heard.map(({ said, postfix }) => ({ said, reply: postfix.at(-1)! }));
  if (does === null) {
    const kinds = new Set(heard.map(({ postfix }) => postfix.join('\n')));
    expect(kinds.size, 'kinds of replies').to.be.greaterThan(1);
    return;
  }
  for (const [n, { said, reply }] of last.slice(0, holds.length + passes.length).entries())
    expect(reply.startsWith('2'), `${said}: ${reply}`).to.equal((does === 'permits') === n < holds.length);
}

describe('The words of a policy', function () {
  this.timeout(20_000);
  let network: PrivateNetwork;
  let sides: SideBySide | undefined;

  /** The folder of the key and certificate that clients show and Postfix trusts, and of those that it does not. */
  const trusted = (): string => join(network.folder, 'trusted', 'tls');
  const strange = (): string => join(network.folder, 'strange', 'tls');
  const tables = (): string => join(network.folder, 'tables');

  before(async function () {
    this.timeout(120_000);
    requires(
      this,
      'Postfix',
      [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS, 'postmap', 'saslpasswd2'],
      'apt-get install postfix postfix-lmdb postfix-pcre sasl2-bin libsasl2-modules',
    );
    network = await PrivateNetwork.open();
    // So many clients that none of them needs an address of its own.
    await network.run('ip', ['route', 'add', 'local', '198.51.100.0/24', 'dev', 'lo']);
    writeFileSync(join(network.folder, 'zone'), ZONE.join('\n'));
    await startProgram(network, 'name-server.ts', join(network.folder, 'zone'));
    for (const folder of [tables(), dirname(trusted()), dirname(strange())]) mkdirSync(folder);
    for (const folder of [trusted(), strange()]) makeTlsKey(dirname(folder));
    for (const { row } of CASES) await makeTables(row);
    const options = ['smtpd_tls_ask_ccert=yes', `smtpd_tls_CAfile=${join(trusted(), 'cert.pem')}`];
    sides = await SideBySide.start(
      network,
      CASES.map(({ row }) => {
        const postern = listsOf(row);
        return { postern, postfix: row.inPostfix ?? postern, options };
      }),
    );
  });

  async function makeTables({ lists, tables: files = {} }: Row): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = join(tables(), name);
      writeFileSync(file, content);
      // Postfix waits for a file to cool down that has changed just now (dict_thash.c).
      utimesSync(file, 0, 0);
      const [, type] =
        new RegExp(`\\b(hash|lmdb):TABLES/${name}\\b`).exec(Object.values(lists).join(' ')) ?? [];
      if (type !== undefined) await network.run('postmap', [`${type}:${file}`]);
    }
  }

  function listsOf({ lists }: Row): Record<string, string> {
    return Object.fromEntries(
      Object.entries(lists).map(([list, words]) => [list, words.replaceAll('TABLES', tables())]),
    );
  }

  after(async () => {
    await sides?.stop();
    await network?.close();
  });

  async function hears(
    server: Postfix,
    port: number,
    { from, greeting, lines, tls }: Session,
  ): Promise<string[]> {
    const smtp = await server.connect(from, port);
    const heard: string[] = [];
    if (tls !== undefined) {
      await smtp.says(greeting, '250');
      await smtp.startsTls(tls === 'none' ? null : certificate(tls === 'trusted' ? trusted() : strange()));
    }
    for (const line of [greeting, ...lines])
      heard.push((await smtp.says(line, '')).replace(/queued as \w+/, 'queued'));
    // Some replies end the session (421, 521).
    await smtp.says('QUIT', '');
    smtp.hangsUp();
    return heard;
  }

  async function hearsTwice(i: number, session: Session): Promise<Heard> {
    const said = `${session.from}: ${[session.greeting, ...session.lines].join(' | ')}`;
    return {
      said,
      session,
      ...(await sides!.both(i, (server, port) => hears(server, port, session))),
    };
  }

  for (const [i, { word, row, random }] of CASES.entries()) {
    it(`mean what they mean in main.cf: ${word} in ${titleOf(row)}`, async () => {
      const heard: Heard[] = [];
      for (const session of [...row.holds, ...row.passes, ...(row.fails ?? [])])
        heard.push(await hearsTwice(i, session));
      for (const { said, session, postfix: theirs, postern: ours } of heard) {
        const { differs } = session;
        if (differs === undefined)
          expect(ours, `${JSON.stringify(row.lists)}: ${said}`).to.deep.equal(theirs);
        else
          expect([theirs.at(-1), ours.at(-1)], `${said}: ${differs.why}`).to.deep.equal([
            differs.postfix,
            differs.postern,
          ]);
      }
      if (!random) judge(row, heard);
    });
  }

  it('are all compared, as they hold, do not hold and can not be told, or there is a reason', () => {
    expect(uncompared()).to.deep.equal([]);
  });
});
