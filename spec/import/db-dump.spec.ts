/** What db_dump prints, read line by line; and what it can look like when it is damaged. */

import { expect } from 'chai';
import fc from 'fast-check';
import { DbDump, DumpError } from '../../lib/import/db-dump.ts';

function pairsOf(text: string): [string, string][] {
  const dump = new DbDump();
  const pairs: [string, string][] = [];
  for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) {
    const pair = dump.add(line);
    if (pair !== null) pairs.push([pair[0].toString('latin1'), pair[1].toString('latin1')]);
  }
  dump.end();
  return pairs;
}

const HEADER = 'VERSION=3\nformat=print\ntype=btree\ndb_pagesize=4096\nHEADER=END\n';

describe('The text of db_dump', () => {
  it('has keys and values in turn, in either of its formats', () => {
    expect(pairsOf(`${HEADER} 192.0.2.0/a\\\\b\\c3\\a9\n 1,2\n  x\n \nDATA=END\n`)).to.deep.equal([
      ['192.0.2.0/a\\b\xc3\xa9', '1,2'],
      [' x', ''],
    ]);
    const bytes = HEADER.replace('print', 'bytevalue');
    expect(pairsOf(`${bytes} 6162\n 312c32\nDATA=END\n`)).to.deep.equal([['ab', '1,2']]);
    expect(pairsOf(`${HEADER}DATA=END\n`)).to.deep.equal([]);
  });

  const broken: readonly [text: string, what: RegExp][] = [
    ['', /^it is empty$/],
    ['Roses are red\n', /^line 1: it does not begin with VERSION=$/],
    [HEADER, /^line 5: it ends in the middle$/],
    [`${HEADER} a\n`, /^line 6: it ends in the middle$/],
    [`${HEADER} a\nDATA=END\n`, /^line 7: the last key has no value$/],
    [`${HEADER}a\n b\nDATA=END\n`, /^line 6: this is neither a key nor a value$/],
    [`${HEADER} a\\g0\n b\nDATA=END\n`, /^line 6: /],
    [`${HEADER.replace('print', 'bytevalue')} 616\n 61\nDATA=END\n`, /^line 6: /],
    [`VERSION=3\nkeys=0\n`, /^line 2: it was made without its keys/],
    [`VERSION=3\nRoses are red\n`, /^line 2: this is no line of a header$/],
    [`${HEADER}DATA=END\nmore\n`, /^line 7: it does not begin with VERSION=$/],
  ];
  for (const [text, what] of broken)
    it(`is refused with the line: ${JSON.stringify(text.replace(HEADER, '…'))}`, () => {
      expect(() => pairsOf(text)).to.throw(DumpError, what);
    });

  it('is a dump or not, whatever it is', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'VERSION=3',
        'format=print',
        'format=bytevalue',
        'HEADER=END',
        'DATA=END',
        ' ab',
        ' 6162',
        '',
      ),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        try {
          pairsOf(lines.join('\n'));
        } catch (error) {
          expect(error).to.be.instanceOf(DumpError);
        }
      }),
    );
  });
});
