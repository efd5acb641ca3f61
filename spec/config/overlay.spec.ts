/** How the given lines of a transcript are laid over a configuration. */

import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { overlay } from '../../lib/config/overlay.ts';

const cases: readonly [base: string, over: string, together: string | null][] = [
  ['a: 1\nb: 2\n', 'b: 3', 'a: 1\n    \nb: 3'],
  ['a:\n  - x\n  - y # why\nb: 2', 'a: 3', '  \n     \n           \nb: 2\na: 3'],
  ['# only words\n', 'a: 1', '# only words\na: 1'],
  ['', 'a: 1', 'a: 1'],
  ['a: 1', '', 'a: 1\n'],
  ['"a": 1\nb: { c: 1 }\n', 'a: 2\nb: 3', '      \n           \na: 2\nb: 3'],
  ['{ a: 1 }\n', 'a: 2', null],
  ['- a\n', 'a: 2', null],
];

describe('overlay', () => {
  for (const [base, over, together] of cases)
    it(`${JSON.stringify(base)} under ${JSON.stringify(over)} is ${JSON.stringify(together)}`, () => {
      expect(overlay(base, over)?.text ?? null).to.equal(together);
    });

  it('keeps the lines of what is below, says how many, and what no longer counts', () => {
    const laid = overlay('a: 1\npolicy:\n  - permit\n  # and\n  - reject\nc: 3\n', 'policy: [defer]\nd: 1')!;
    expect(laid)
      .to.include({ baseLines: 6 })
      .and.deep.include({ replaced: ['policy'] });
    expect(laid.text.split('\n')[5]).to.equal('c: 3');
    expect(parse(laid.text)).to.deep.equal({ a: 1, c: 3, policy: ['defer'], d: 1 });
  });

  it('returns for any texts, and moves no line of what is below', () => {
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom('a: 1', 'b:', ' - x', '? [a]', '&a a: *a', '--- ', '...', '{', '"a": |', '# a'),
          fc.string(),
        ),
      )
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (base, over) => {
        const laid = overlay(base, over);
        if (laid === null) return;
        expect(laid.text.endsWith(over)).to.equal(true);
        const lines = laid.text.split('\n').slice(0, laid.baseLines);
        for (const [i, line] of base.split('\n').entries())
          if (lines[i]?.trim() !== '') expect(line).to.have.length(lines[i]?.length ?? 0);
      }),
      { numRuns: 2000 },
    );
  });
});
