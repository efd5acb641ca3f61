/** Holds that our tables answer as Postfix's own `postmap -q` does, file by file and key by key. */

import { spawnSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openTable } from '../../lib/tables/open-table.ts';
import { SERVER_PATH } from '../support/mta/private-network.ts';
import { isInstalled } from '../support/mta/requirements.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { CIDR_FILE, CIDR_KEYS, INLINE_TABLES, KEY_FILE, KEY_KEYS, PATTERN_FILES } from './postmap-cases.ts';
import { anyResult, nameOf, said } from './tables.ts';

function run(program: string, argv: readonly string[], input = ''): string {
  const { stdout } = spawnSync(program, argv, { input, encoding: 'utf8', env: { PATH: SERVER_PATH } });
  return stdout;
}

/** One process for all keys: it prints `key<TAB>result` for each that it finds. */
function postmap(table: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const lines = run('postmap', ['-q', '-', table], keys.map((key) => `${key}\n`).join('')).split('\n');
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
  );
}

async function ours(table: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { table: opened } = await openTable(nameOf(table), { parseResult: anyResult, pollMs: 0 });
  const found = new Map<string, string>();
  for (const key of keys) {
    const value = said(await opened.lookup(key));
    if (value !== null) found.set(key, value);
  }
  opened.close();
  return found;
}

describe('a table answers as postmap does:', () => {
  const folder = temporaryFolder();
  let types: readonly string[] = [];

  before(function () {
    if (isInstalled('postmap')) types = run('postconf', ['-m']).trim().split('\n');
    const missing = ['cidr', 'inline', 'pcre', 'regexp', 'texthash'].filter((type) => !types.includes(type));
    if (missing.length === 0) return;
    const sentence = `tables are not compared with Postfix: needs ${missing.join(', ')} (apt-get install postfix postfix-pcre)`;
    if (process.env['CI'] === 'true') throw new Error(sentence);
    console.log(sentence);
    this.skip();
  });

  async function compare(type: string, content: string, keys: readonly string[]): Promise<void> {
    const file = join(folder(), 'table');
    writeFileSync(file, content);
    // Postfix waits for a file to cool down that has changed just now (dict_thash.c).
    utimesSync(file, 0, 0);
    const table = `${type}:${file}`;
    // Postfix keeps the CR of a line that is continued.
    const theirs = [...postmap(table, keys)].map(
      ([key, value]) => [key, value.replaceAll('\r', '')] as const,
    );
    expect([...(await ours(table, keys))]).to.deep.equal(theirs);
  }

  it('texthash', () => compare('texthash', KEY_FILE, KEY_KEYS));
  it('texthash with CR LF', () => compare('texthash', KEY_FILE.replaceAll('\n', '\r\n'), KEY_KEYS));
  it('cidr', () => compare('cidr', CIDR_FILE, CIDR_KEYS));
  it('cidr with CR LF', () => compare('cidr', CIDR_FILE.replaceAll('\n', '\r\n'), CIDR_KEYS));

  for (const [table, keys] of INLINE_TABLES)
    it(table, async () => {
      expect(await ours(table, keys)).to.deep.equal(postmap(table, keys));
    });

  for (const type of ['regexp', 'pcre'])
    for (const { title, lines, keys, only } of PATTERN_FILES)
      if (only === undefined || only === type)
        it(`${type}: ${title}`, () => compare(type, `${lines.join('\n')}\n`, keys));
});
