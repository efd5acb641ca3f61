/** Whatever another greylister has made of a sender: his retry is looked for under a spelling that the import chose. */

import { expect } from 'chai';
import fc from 'fast-check';
import { formerSpellings, fromMilterGreylist, fromPostgrey } from '../../lib/greylist/former-spelling.ts';
import { normaliseSender } from '../../lib/greylist/normalise.ts';
import { cutByMilterGreylist, keptByPostgrey } from './foreign-senders.ts';

const DOMAIN = 'example.net';

function lookedFor(local: string): string[] {
  const sender = { local, domain: DOMAIN };
  const normalised = normaliseSender(sender);
  return [normalised, ...formerSpellings(sender, normalised)];
}

function isFound(local: string, remembered: readonly string[]): boolean {
  return lookedFor(local).some((spelling) => remembered.includes(spelling));
}

describe('The spellings of other greylisters', () => {
  const senders: readonly [local: string, postgrey: string, spellings: readonly string[]][] = [
    ['alice', 'alice', ['alice']],
    ['12345', '#', ['#', '<#>']],
    ['john.85', 'john.#', ['john.#', 'john.<#>']],
    ['john_85', 'john_85', ['john_85']],
    ['john.85001', 'john.#', ['john.#', 'john.<#>']],
    ['list-bounce-17-bob=example.org', 'list-bounce-#-bob=example.org', ['list-bounce-#-bob=example.org']],
    ['prvs=4711abcdef=bob', 'bob', ['bob']],
    ['msprvs1=18abc=bounces-7', 'msprvs1=18abc=bounces-#', ['bounces-#']],
    ['srs0=abcd=4p=example.org=bob', 'srs0=abcd=4p=example.org=bob', ['srs0=#=#=example.org=bob']],
    ['550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-#', ['#-e29b-41d4-a716-#', '#']],
    ['bob+shop', 'bob', ['bob']],
  ];
  for (const [local, stored, spellings] of senders)
    it(`has ${local} of postgrey as ${spellings.join(' and ')}`, () => {
      expect(keptByPostgrey(local)).to.equal(stored);
      expect(fromPostgrey({ local: stored, domain: DOMAIN })).to.deep.equal(
        spellings.map((spelling) => `${spelling}@${DOMAIN}`),
      );
      expect(isFound(local, fromPostgrey({ local: stored, domain: DOMAIN }))).to.equal(true);
    });

  it('asks for nothing more of most senders', () => {
    for (const local of ['alice', 'alice.b', 'a-17-b', 'user1', 'a_17', 'x.17.y'])
      expect(lookedFor(local), local).to.have.length(1);
    expect(formerSpellings(null, '<>')).to.deep.equal([]);
  });

  it('uses none that a sender could have', () => {
    for (const local of ['<#>', 'john.<#>', '<=>bob'])
      expect(normaliseSender({ local, domain: DOMAIN })).not.to.contain('<');
  });

  const word = fc.oneof(
    fc.stringMatching(/^[a-z]{1,6}$/),
    fc.stringMatching(/^[0-9]{1,12}$/),
    fc.stringMatching(/^[0-9a-f]{4,12}$/),
    fc.uuid(),
  );
  const tag = fc.constantFrom(
    '',
    '',
    'prvs=4711abcdef=',
    'SRS0=abcd=4P=example.org=',
    'srs1=abcd=example.org==abcd=4p=example.net=',
    'msprvs1=18abc=',
    'btv1==1f2==',
  );
  const separator = fc.constantFrom('-', '.', '=', '+', '_', '', '==', '#', '/');
  const localPart = fc
    .tuple(tag, fc.array(fc.tuple(word, separator), { maxLength: 4 }), word)
    .map(([before, parts, last]) => [before, ...parts.flat(), last].join(''))
    .filter((local) => local.length <= 64);

  it('are found by a retry, whatever the sender was to milter-greylist', () => {
    fc.assert(
      fc.property(localPart, fc.boolean(), (local, older) => {
        const cut = cutByMilterGreylist(local, older);
        expect(isFound(local, fromMilterGreylist({ local: cut, domain: DOMAIN })), cut).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  // postgrey takes any two words behind prvs= for a tag and a name; we want a tag that looks like one.
  it('are found by a retry, whatever the sender was to postgrey, but for a prvs= that is no BATV', () => {
    fc.assert(
      fc.property(localPart, (local) => {
        fc.pre(!/prvs=/.test(lookedFor(local)[0]!));
        const kept = keptByPostgrey(local);
        expect(isFound(local, fromPostgrey({ local: kept, domain: DOMAIN })), kept).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });
});
