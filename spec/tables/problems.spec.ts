/** What an administrator is told about a table, line by line. */

import { expect } from 'chai';
import { openTable } from '../../lib/tables/open-table.ts';
import type { ParsedResult } from '../../lib/tables/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { anyResult, nameOf, said, tableOf, toldOf } from './tables.ts';

/** As an access table's: one word and a text. */
function word(text: string): ParsedResult<string> {
  if (/^(OK|REJECT|DUNNO|\d{3})\b/.test(text)) return { ok: true, value: text };
  return { ok: false, what: `"${text}" is not an action`, instead: 'write OK' };
}

describe('A table with a mistake in it', () => {
  const folder = temporaryFolder();

  const cases: readonly [string, string, readonly string[]][] = [
    ['hash', 'a OK\n', []],
    ['hash', 'a OK\nb\n', ['2 error: "b" has no result; write: key, blank, result']],
    ['hash', 'a OK\nA REJECT\n', ['2 warning: "A" is there twice: the one in line 1 counts']],
    ['hash', 'a FILTER x:y\n', ['1 error: "FILTER x:y" is not an action; write OK']],
    ['hash', '"a OK\n', ['1 error: a " is not closed; write \\" for a quote in a key']],
    ['hash', 'a: OK\n', ['1 warning: the key "a:" ends in a colon; is this an alias file? write it without']],
    [
      'hash',
      '\n  a OK\nb OK\n',
      ['2 error: this line begins with white space but continues nothing; begin it at the left margin'],
    ],
    [
      'hash',
      'a OK\r\nb OK\r\n',
      ['1 warning: lines end in CR LF, as on Windows; convert the file: sed -i "s/\\r$//" FILE'],
    ],
    [
      'hash',
      '192.0.2.64/26 OK\n[2001:db8::]/32 OK\n/^mx/ OK\n192.0.2 OK\na/b OK\n',
      [
        '1 warning: 192.0.2.64/26 never matches: a table of keys knows no networks; name the file as cidr:',
        '2 warning: [2001:db8::]/32 never matches: a table of keys knows no networks; name the file as cidr:',
        '3 warning: /^mx/ never matches: a table of keys knows no patterns; name the file as regexp: or pcre:',
      ],
    ],
    ['hash', 'a OK\0\n', ['1 error: there is a NUL byte in this line; is it a text file?']],
    [
      'hash',
      '\ufeffa OK\n',
      [
        '1 warning: the file begins with a byte order mark, which Postfix takes for a part of the first line; save it without one',
      ],
    ],
    [
      'cidr',
      '192.0.2.1/24 OK\n',
      [
        '1 error: "192.0.2.1/24" has address bits beyond its prefix, which Postfix does not take; write 192.0.2.0/24, or 192.0.2.1 alone',
      ],
    ],
    [
      'cidr',
      '192.0.2.0/255.255.255.0 OK\n',
      ['1 error: "192.0.2.0/255.255.255.0" has no prefix length of 0 to 32; write 192.0.2.0/24'],
    ],
    ['cidr', '10.1 OK\n', ['1 error: "10.1" is neither address nor network; write 10.1.0.0/16']],
    [
      'cidr',
      'mx.example.org OK\n',
      ['1 error: "mx.example.org" is neither address nor network; names belong in a hash: or regexp: table'],
    ],
    ['cidr', '192.0.2.1\n', ['1 error: "192.0.2.1" has no result; write: network, blank, result']],
    ['cidr', 'endif\n', ['1 error: this endif has no if; remove it']],
    [
      'cidr',
      'if 10.0.0.0/8\n10.1.0.0/16 OK\n',
      ['1 warning: this if has no endif: it reaches to the end of the file; write endif'],
    ],
    [
      'pcre',
      '/a OK\n',
      ['1 error: the pattern has no second /; write: /pattern/ result, and \\/ for a slash in the pattern'],
    ],
    ['pcre', '/a(b/ OK\n', ['1 error: a ( is not closed']],
    ['pcre', '/a/q OK\n', ['1 error: there is no flag "q"']],
    ['pcre', '/(a)/ 550 $2\n', ['1 error: the pattern has no group 2; put ( ) around what you want']],
    ['pcre', '/(a)/ 550 $1x\n', ['1 error: $1x is not a number; write ${1}x']],
    ['pcre', '/(a)/ 550 US$\n', ['1 error: $ names no group; write $1 or ${1}, and $$ for a dollar sign']],
    ['pcre', '/a/\n', ['1 error: there is no result; write: /pattern/ result']],
    ['pcre', 'a OK\n', ['1 error: "a OK" does not begin with a pattern; write: /pattern/ result']],
    [
      'pcre',
      '/^(?!a)/ OK\n',
      [
        '1 warning: the pattern has a lookahead: it is run apart, and for 100 ms at most; if !/…/ and endif around the line say the same',
      ],
    ],
    [
      'regexp',
      '/\\d+/ OK\n',
      ['1 warning: \\d means nothing special in a regexp: table; write [0-9], or make it a pcre: table'],
    ],
  ];
  for (const [type, text, told] of cases)
    it(`${type}: ${JSON.stringify(text)} ${told.length === 0 ? 'has none' : ''}`, async () => {
      const { table, problems } = await tableOf(folder(), type, text, { parseResult: word });
      table.close();
      expect(toldOf(problems)).to.deep.equal(told);
    });

  it('is told to be Latin-1', async () => {
    const { table, problems } = await tableOf(
      folder(),
      'hash',
      Buffer.from('a OK\nm\u00fcller OK\n', 'latin1'),
    );
    table.close();
    expect(toldOf(problems)).to.deep.equal(['2 error: "m\u00fcller": this is not UTF-8; save it as UTF-8']);
  });

  it('of the wrong kind tells of a hundred lines and counts the rest', async () => {
    const { table, problems } = await tableOf(folder(), 'cidr', 'nonsense\n'.repeat(5000));
    table.close();
    expect(problems.length).to.equal(101);
    expect(problems.at(-1)!.what).to.equal('there are 4900 more problems');
  });

  it('may be one endless line', async () => {
    const { table, problems } = await tableOf(folder(), 'hash', `a OK\n${'x'.repeat(300_000)}\nb OK\n`);
    table.close();
    expect(toldOf(problems)).to.deep.equal(['2 error: this line is too long; is it a text file?']);
    expect(said(await table.lookup('b'))).to.equal('OK');
  });

  it('points to the column of a pattern', async () => {
    const { table, problems } = await tableOf(folder(), 'pcre', '/ab(c/ OK\n');
    table.close();
    expect(problems[0]).to.include({ line: 1, column: 4 });
  });

  it('may be inline', async () => {
    const { table, problems } = await openTable(nameOf('inline:{a=OK, b, a=REJECT}'), {
      parseResult: anyResult,
    });
    table.close();
    expect(toldOf(problems)).to.deep.equal([
      '2 error: "b" is no key=value; write {key = value} in braces of its own where there are blanks or commas',
      '3 warning: "a" is there twice: the last one counts',
    ]);
    expect(problems[0]!.file).to.equal('inline:{a=OK, b, a=REJECT}');
  });
});

describe('A file that is not there', () => {
  const folder = temporaryFolder();

  for (const [path, what, instead] of [
    ['missing', 'no such file', 'write it, or correct its name'],
    ['.', 'this is not a file', 'name the file with the entries'],
  ] as const)
    it(`${path}: ${what}`, async () => {
      const { table, problems } = await openTable(nameOf(`hash:${path}`), {
        parseResult: anyResult,
        folder: folder(),
      });
      table.close();
      expect(problems.map((problem) => [problem.what, problem.instead, problem.severity])).to.deep.equal([
        [what, instead, 'error'],
      ]);
      expect(said(await table.lookup('a'))).to.equal(`temperror: hash:${path}: ${what}`);
    });
});
