/** The table of known lists holds what it promises. */

import { expect } from 'chai';
import { KNOWN_LISTS, knownList } from '../../lib/lists/known-lists.ts';
import { parseListPattern } from '../../lib/lists/list-pattern.ts';
import { firstInBoth } from '../../lib/lists/pattern-overlap.ts';

function pattern(text: string): Parameters<typeof firstInBoth>[0] {
  const read = parseListPattern(text);
  if (!read.ok) throw new Error(`${text}: ${read.what}`);
  expect(read.pattern.text, 'spelled as in messages').to.equal(text);
  return read.pattern;
}

describe('The known DNS lists', () => {
  it('are each there once', () => {
    const zones = KNOWN_LISTS.map(({ zone }) => zone);
    expect(new Set(zones).size).to.equal(zones.length);
  });

  for (const { zone, refuse, permit, never } of KNOWN_LISTS)
    it(`${zone} suggests no answer that is an error`, () => {
      // What a list says to whom it does not answer.
      const errors = [...never, '127.255.[0..255].[0..255]', ...(refuse === null ? [] : ['127.0.0.1'])];
      for (const safe of [refuse, permit === '127.0.0.1' ? null : permit].filter((each) => each !== null))
        for (const error of errors)
          expect(firstInBoth(pattern(safe), pattern(error)), `${safe} and ${error}`).to.equal(null);
    });

  const found: readonly (readonly [zone: string, known: string | null])[] = [
    ['zen.spamhaus.org', 'zen.spamhaus.org'],
    ['k3y.zen.dq.spamhaus.net', '*.zen.dq.spamhaus.net'],
    ['zen.dq.spamhaus.net', null],
    ['${abusix}.combined.mail.abusix.zone', '*.combined.mail.abusix.zone'],
    ['dnsbl.sorbs.net', 'sorbs.net'],
    ['spam.dnsbl.sorbs.net', 'sorbs.net'],
    ['notsorbs.net', null],
    ['a.zen.spamhaus.org', null],
    ['list.example.org', null],
  ];
  for (const [zone, known] of found)
    it(`${zone} is ${known ?? 'unknown'}`, () => {
      expect(knownList(zone)?.zone ?? null).to.equal(known);
    });
});
