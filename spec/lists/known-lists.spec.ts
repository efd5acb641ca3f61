/** The data of known lists holds what it promises, and a newer file of it is read or refused as a whole. */

import { expect } from 'chai';
import fc from 'fast-check';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { readKnownLists } from '../../lib/lists/known-lists-reader.ts';
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
    const zones = BUNDLED_LISTS.all.map(({ zone }) => zone);
    expect(new Set(zones).size).to.equal(zones.length);
  });

  for (const { zone, refuse, permit, never } of BUNDLED_LISTS.all)
    it(`${zone} suggests no answer that is an error`, () => {
      // What a list says to whom it does not answer.
      const errors = [...never, '127.255.[0..255].[0..255]', ...(refuse === null ? [] : ['127.0.0.1'])];
      for (const safe of [refuse, permit === '127.0.0.1' ? null : permit].filter((each) => each !== null))
        for (const error of errors)
          expect(firstInBoth(pattern(safe), pattern(error)), `${safe} and ${error}`).to.equal(null);
    });

  for (const { zone, kind, tests, key, state } of BUNDLED_LISTS.all)
    it(`${zone} can be tested, and tells where its key comes from`, () => {
      expect(tests.unlisted !== null || tests.canary).to.equal(true);
      if (kind === 'names') expect(tests.unlisted).to.equal('invalid');
      if (state === 'alive') expect(key !== null).to.equal(zone.startsWith('*.'));
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
      expect(BUNDLED_LISTS.find(zone)?.zone ?? null).to.equal(known);
    });
});

/** With `list` as its only list, if it is given. */
function written(list: object | null, rest: object = {}): unknown {
  return { version: '1.0', date: '2026-11-21', lists: list === null ? [] : [list], ...rest };
}

const SOUND = { name: 'Ours', zone: 'bl.example.org', kind: 'black', refuse: '127.0.0.2' };

describe('A newer file of known lists', () => {
  it('is read; what it leaves out is as RFC 5782 has it, what we do not know is ignored', () => {
    const read = readKnownLists(written({ ...SOUND, colour: 'blue' }, { version: '1.7', more: [] }));
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const [list] = read.lists;
    expect(list).to.deep.include({ zone: 'bl.example.org', state: 'alive', permit: null, key: null });
    expect(list!.tests).to.deep.equal({
      listed: '127.0.0.2',
      answer: null,
      unlisted: '127.0.0.1',
      canary: true,
    });
  });

  const wrong: readonly (readonly [value: unknown, fault: string])[] = [
    [null, ': this is not a list of keys with values; write { … }'],
    [{}, 'version: there is no version; write "version": "1.0"; is it the right file?'],
    [
      written(SOUND, { version: '2.0' }),
      'version: it is of version 2, and this Postern reads version 1; update Postern, or write data: bundled',
    ],
    [written(SOUND, { date: 'today' }), 'date: this is no date; write "2026-11-21"'],
    [written(null), 'lists: there must be 1 to 2000 lists; write them as [ … ]'],
    [
      written(null, { lists: [SOUND, SOUND] }),
      'lists.1.zone: bl.example.org is there twice; keep one of the two',
    ],
    [
      written({ ...SOUND, kind: 'grey' }),
      'lists.0.kind: this is no kind; write one of black, white, names, mixed',
    ],
    [
      written({ ...SOUND, zone: '-' }),
      'lists.0.zone: this is not the zone of a list; write one such as "zen.spamhaus.org"',
    ],
    [written({ ...SOUND, refuse: '127.0.0.2-4' }), 'lists.0.refuse: a range needs brackets; write [2..4]'],
    [
      written({ ...SOUND, refuse: '127.0.0.[1..11]' }),
      'lists.0.refuse: 127.0.0.[1..11] has 127.0.0.1 in it, which is no listing; leave it out',
    ],
    [
      written({ ...SOUND, permit: '[0..255].0.0.2' }),
      'lists.0.permit: [0..255].0.0.2 has 0.0.0.2 in it, which is no listing; leave it out',
    ],
    [
      written({ ...SOUND, never: ['127.0.0.2'] }),
      'lists.0.refuse: 127.0.0.2 has 127.0.0.2 in it, which is no listing; leave it out',
    ],
    [written({ ...SOUND, terms: 'a\u001b[31m' }), 'lists.0.terms: this is no terms; write a text in quotes'],
    [
      written({ ...SOUND, tests: { unlisted: null, canary: false } }),
      'lists.0.tests: nothing shows that the list does not list the world; write "canary": true',
    ],
    [
      written({ ...SOUND, tests: { listed: 'test' } }),
      'lists.0.tests.listed: this is no entry of such a list; write "127.0.0.2", or null',
    ],
  ];
  for (const [value, fault] of wrong)
    it(`is refused: ${fault}`, () => {
      const read = readKnownLists(value);
      if (read.ok) throw new Error('it was taken');
      const said = read.faults.map(({ path, what, instead }) => `${path.join('.')}: ${what}; ${instead}`);
      expect(said).to.include(fault);
    });

  it('never throws, whatever is written; what it takes matches no error of a list', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'black',
        'white',
        'names',
        'mixed',
        '127.0.0.2',
        '127.[0..255].0.1',
        'bl.example',
        null,
      ),
      fc.string(),
      fc.jsonValue(),
    );
    const keys = [
      'name',
      'zone',
      'kind',
      'state',
      'refuse',
      'permit',
      'never',
      'codes',
      'tests',
      'role',
      'key',
    ];
    const list = fc.dictionary(fc.constantFrom(...keys), word).map((each) => ({ ...SOUND, ...each }));
    const file = fc.oneof(
      fc.jsonValue(),
      fc.record({
        version: fc.constantFrom('1.0', '1.9', '3.0', 1),
        date: fc.constantFrom('2026-11-21', null),
        lists: fc.array(list, { maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(file, (value) => {
        const read = readKnownLists(value);
        if (!read.ok) return read.faults.length > 0 && read.faults.length <= 20;
        return read.lists.every(({ refuse, permit }) =>
          [refuse, permit]
            .filter((each) => each !== null)
            .every((each) => firstInBoth(pattern(each), pattern('127.255.[0..255].[0..255]')) === null),
        );
      }),
    );
  });
});
