import { expect } from 'chai';
import { LogicalLines } from '../../lib/tables/logical-lines.ts';
import { Problems } from '../../lib/tables/problems.ts';

function linesOf(...chunks: readonly string[]): readonly (readonly [number, string])[] {
  const lines = new LogicalLines(new Problems('f'));
  return [...chunks.flatMap((chunk) => [...lines.push(chunk)]), ...lines.end()].map(({ line, text }) => [
    line,
    text,
  ]);
}

describe('The logical lines of a table', () => {
  // The cases of Postfix's own test of readlline.c.
  const cases: readonly [string, readonly (readonly [number, string])[]][] = [
    [' abcde\nfghij\n', [[2, 'fghij']]],
    [' #abcde\nfghij\n', [[2, 'fghij']]],
    ['#abc\ndef', [[2, 'def']]],
    ['\nabc\n', [[2, 'abc']]],
    [' \nabc\n', [[2, 'abc']]],
    ['abc def', [[1, 'abc def']]],
    ['#abc def', []],
    ['abc\n def\n', [[1, 'abc def']]],
    ['abc\n #def\n ghi', [[1, 'abc ghi']]],
    ['abc\n#def\n ghi', [[1, 'abc ghi']]],
    ['abc\n \n ghi', [[1, 'abc ghi']]],
    ['abc\n\n ghi', [[1, 'abc ghi']]],
    ['abc\n#def\n', [[1, 'abc']]],
    ['\n', []],
    ['\n \n', []],
    ['abc\n ', [[1, 'abc']]],
    [
      'a\n b\nc\n\n d\ne',
      [
        [1, 'a b'],
        [3, 'c d'],
        [6, 'e'],
      ],
    ],
    [
      'a\r\n b\r\n\r\nc\r\n',
      [
        [1, 'a b'],
        [4, 'c'],
      ],
    ],
  ];
  for (const [text, lines] of cases)
    it(`${JSON.stringify(text)}, cut at every byte`, () => {
      expect(linesOf(text)).to.deep.equal(lines);
      for (let cut = 1; cut < text.length; cut++)
        expect(linesOf(text.slice(0, cut), text.slice(cut))).to.deep.equal(lines);
      expect(linesOf(...text.split(''))).to.deep.equal(lines);
    });
});
