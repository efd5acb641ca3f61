/** Whatever stands behind a list word, parseListSite answers: with a list, or with what is wrong, and never with the key. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { readRestrictions } from '../../lib/rules/restrictions.ts';
import {
  matches,
  parseListPattern,
  patternOf,
  type Octets,
  type Ranges,
} from '../../lib/lists/list-pattern.ts';
import { parseListSite, writtenSite } from '../../lib/lists/list-site.ts';
import { firstInBoth, without } from '../../lib/lists/pattern-overlap.ts';

const piece = fc.constantFrom(
  ...'127 0 2 255 256 . .. ; [ ] [2..11] [0..255] = * - *-3 zen.spamhaus.org key.zen.dq.spamhaus.net ${k} , { } $'.split(
    ' ',
  ),
  ' ',
);
const written = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(piece, { maxLength: 14 }).map((parts) => parts.join('')),
  fc.array(piece, { maxLength: 8 }).map((parts) => `127.0.0.${parts.join('')}`),
);

const octet = fc.nat({ max: 255 });
const range = fc.tuple(octet, octet).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const four = fc.array(fc.array(range, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 4 });
const address = fc.array(octet, { minLength: 4, maxLength: 4 });

function has(octets: readonly Ranges[], numbers: readonly number[]): boolean {
  return octets.every((ranges, i) => ranges.some(([from, to]) => from <= numbers[i]! && numbers[i]! <= to));
}

function spelling(octets: Octets): string {
  return octets.map((ranges) => `[${ranges.map(([from, to]) => `${from}..${to}`).join(' ; ')}]`).join('.');
}

describe('parseListPattern and parseListSite', () => {
  it('answer any text, and what they understand they understand again', () => {
    fc.assert(
      fc.property(written, (text) => {
        const read = parseListPattern(text);
        if (read.ok) expect(parseListPattern(read.pattern.text)).to.deep.equal(read);
        else expect(read.within).to.be.within(0, text.length);
        const site = parseListSite(text);
        if (!site.ok) expect(site.within).to.be.within(0, text.length);
        else expect(writtenSite(site.site)).not.to.match(/key\.[^=*]/);
      }),
      { numRuns: 3000 },
    );
  });

  it('match what the ranges hold, and overlap where both match', () => {
    fc.assert(
      fc.property(four, four, four, address, (a, b, c, numbers) => {
        const [left, right, dear] = [a, b, c].map((parts) => parseListPattern(spelling(parts)));
        if (left?.ok !== true || right?.ok !== true || dear?.ok !== true)
          throw new Error('it was well written');
        const text = numbers.join('.');
        expect(matches(left.pattern, text)).to.equal(has(a, numbers));
        const first = firstInBoth(left.pattern, right.pattern);
        if (first !== null)
          expect(matches(left.pattern, first) && matches(right.pattern, first)).to.equal(true);
        else expect(has(a, numbers) && has(b, numbers)).to.equal(false);
        const rest = without(left.pattern, right.pattern);
        if (rest === null) return;
        expect(firstInBoth(rest, right.pattern)).to.equal(null);
        if (matches(rest, text)) expect(has(a, numbers)).to.equal(true);
        expect(patternOf(rest.octets)).to.deep.equal(rest);
        const spared = without(left.pattern, right.pattern, dear.pattern)!;
        expect(firstInBoth(spared, right.pattern)).to.equal(null);
        if (firstInBoth(dear.pattern, right.pattern) === null && has(a, numbers) && has(c, numbers))
          expect(matches(spared, text)).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('let no key into what is shown of rules', () => {
    const line = fc
      .array(fc.oneof(piece, fc.constantFrom('reject_rbl_client ', 'permit, ', 'warn_if_reject ')), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(line, (text) => {
        const { restrictions, remarks } = readRestrictions(text);
        const shown = [
          ...restrictions.map((each) => each.written),
          ...remarks.map(({ what, instead }) => `${what} ${instead}`),
        ];
        for (const each of shown) expect(each).not.to.include('key.zen');
      }),
      { numRuns: 2000 },
    );
  });

  it('take as long for each character of a long text as of a short one', () => {
    const hostile = [
      '[',
      ']',
      '[[',
      '[]',
      '127.',
      '2;',
      '[2;',
      'a.',
      'a',
      '${',
      '*',
      '=',
      '=[',
      '.dq.spamhaus.net',
    ];
    for (const part of hostile) {
      const text = part.repeat(200_000 / part.length);
      // Quadratic, it would be minutes.
      expect(parseListPattern(text).ok || parseListSite(text).ok).to.equal(false);
      readRestrictions(`reject_rbl_client ${text}, reject_rbl_client x=${text}`);
    }
  });
});
