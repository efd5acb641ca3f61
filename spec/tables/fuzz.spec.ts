/** Whatever stands in a table and whatever is asked of it: it is read or has problems, and nothing throws. */

import { expect } from 'chai';
import fc from 'fast-check';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { accessByDomain, accessByMailbox } from '../../lib/tables/access.ts';
import { MatchThread } from '../../lib/tables/match-thread.ts';
import { readContent, readParts } from '../../lib/tables/read-content.ts';
import { parseTableName } from '../../lib/tables/table-name.ts';
import type { ParsedResult, Table } from '../../lib/tables/table.ts';
import { nameOf } from './tables.ts';

/** What tables are made of, and what breaks them. */
const pieces = fc.constantFrom(
  ...[
    '/',
    '!',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '|',
    '*',
    '+',
    '?',
    '\\',
    '^',
    '$',
    '.',
    ',',
    '=',
    '"',
    '#',
    ':',
    '-',
    ' ',
    '\t',
    '\n',
    '\n ',
    '\r\n',
    '\0',
  ],
  ...[
    'if ',
    'endif',
    'a',
    'B',
    '1',
    '\\1',
    '\\d',
    '\\Q',
    '\\x',
    '(?',
    '(?=',
    '(?<',
    '(?>',
    '(?i)',
    '[[:',
    ':]]',
    '{2}',
    '{1,',
    '$1',
    '${',
    '$$',
    '++',
    '\u00e4',
    '\ud800',
  ],
  ...[
    '192.0.2.',
    '0/24',
    '2001:db8::',
    '/32',
    'OK',
    'REJECT',
    '/a/ OK\n',
    'if /a/\n',
    'a OK\n',
    '10.0.0.0/8 OK\n',
  ],
);
const text = fc.oneof(
  fc.string(),
  fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
);

function picky(result: string): ParsedResult<string> {
  return result.length % 7 === 6 ? { ok: false, what: 'no', instead: null } : { ok: true, value: result };
}

async function* cut(bytes: string, at: number): AsyncGenerator<string, void> {
  yield bytes.slice(0, at);
  yield bytes.slice(at);
}

describe('Any text at all', () => {
  const thread = new MatchThread();
  after(() => thread.close());

  for (const type of ['hash', 'cidr', 'regexp', 'pcre'])
    it(`as a ${type} table is read or has problems, and can be asked`, async function () {
      this.timeout(60_000);
      const property = fc.asyncProperty(text, text, fc.nat(200), async (content, key, at) => {
        const bytes = Buffer.from(content).toString('latin1');
        const read = await readContent(nameOf(`${type}:f`), 'f', cut(bytes, at), picky, thread, () => null);
        for (const problem of read.problems) expect(problem.line).to.be.greaterThan(0);
        for (const problem of read.problems) expect(problem.column).to.be.greaterThan(0);
        for (const asked of [key, 'a', '192.0.2.1', '2001:db8::1'])
          expect(['found', 'none', 'temperror']).to.include((await read.content.lookup(asked)).kind);
      });
      await fc.assert(property, { numRuns: 400 });
    });

  it('as a name is a table or has a problem', () => {
    const types = fc.constantFrom('hash:', 'inline:{', 'cidr:{{', 'pcre:{', 'proxy:', '', 'x');
    const property = fc.property(types, text, fc.constantFrom('', '}', '}}'), (type, middle, end) => {
      const parsed = parseTableName(`${type}${middle}${end}`);
      if (!parsed.ok || parsed.name.source.kind === 'file') return;
      const { content } = readParts(parsed.name, picky, thread);
      void content.lookup('a');
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('as a name or address has keys, not too many', async () => {
    const property = fc.asyncProperty(text, async (key) => {
      let asked = 0;
      const table: Table<string> = {
        name: 't',
        style: 'keys',
        lookup: () => {
          asked++;
          return { kind: 'none' };
        },
      };
      await accessByDomain(table, key);
      await accessByMailbox(table, parseMailbox(key), { extensionDelimiter: '+-' });
      expect(asked).to.be.lessThan(300);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
