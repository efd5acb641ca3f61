import { expect } from 'chai';
import { listingId } from '../../lib/checks/listing.ts';
import { standingId } from '../../lib/checks/list-standing.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { parseListSite, type ListSite } from '../../lib/lists/list-site.ts';
import { found, temperror, type Finding } from '../../lib/policy/finding.ts';
import { holds } from '../../lib/policy/rule.ts';
import { saysSo } from '../../lib/rules/list-says.ts';

function site(text: string): ListSite {
  const read = parseListSite(text);
  if (!read.ok) throw new Error(read.what);
  return read.site;
}

const BL = site('bl.example=127.0.0.2');
const LISTED = found('listed', { answers: '127.0.0.2', madness: '1' });
const PROVEN = found('proven', { madness: '1' });

describe('What a DNS list says', () => {
  const cases: readonly [
    title: string,
    listing: Finding,
    standing: Finding,
    refuses: unknown,
    fact: unknown,
    not: unknown,
  ][] = [
    ['listed, and proven sane', LISTED, PROVEN, true, true, false],
    ['not listed', found('not_listed'), PROVEN, false, false, true],
    [
      'listed as something else',
      found('listed', { answers: '127.0.0.3', madness: '1' }),
      PROVEN,
      false,
      false,
      true,
    ],
    ['the lookup failed', temperror('SERVFAIL'), PROVEN, 'unknown', 'unknown', 'unknown'],
    ['the list is out', LISTED, temperror('dead'), 'unknown', 'unknown', 'unknown'],
    [
      'the list is out and lists nobody',
      found('not_listed'),
      temperror('blind'),
      false,
      'unknown',
      'unknown',
    ],
    ['out for more than a day', found('not_listed'), found('given_up'), false, 'unknown', 'unknown'],
    [
      'it has gone mad and come back since it was asked',
      LISTED,
      found('proven', { madness: '2' }),
      'unknown',
      'unknown',
      'unknown',
    ],
    [
      'a note of the list among the answers',
      found('listed', { answers: '127.255.255.254 127.0.0.2', madness: '1' }),
      PROVEN,
      true,
      true,
      false,
    ],
  ];
  for (const [title, listing, standing, refuses, fact, not] of cases)
    it(`${title}: refuses ${String(refuses)}, as a fact ${String(fact)}, turned round ${String(not)}`, () => {
      const findings = new Map([
        [listingId('client', BL.zone), listing],
        [standingId('client', BL.zone), standing],
      ]);
      const use = { subject: 'client', site: BL, does: 'refuse' } as const;
      const told = saysSo(use, BUNDLED_LISTS, true);
      expect(holds(saysSo(use, BUNDLED_LISTS, false), findings)).to.equal(refuses);
      expect(holds(told, findings)).to.equal(fact);
      expect(holds({ kind: 'not', of: told }, findings)).to.equal(not);
    });

  it('is asked both for at once where that nobody is listed counts too', () => {
    const use = { subject: 'client', site: BL, does: 'permit' } as const;
    const ids = [listingId('client', BL.zone), standingId('client', BL.zone)];
    expect(holds(saysSo(use, BUNDLED_LISTS, true), new Map())).to.deep.equal(ids);
    expect(holds(saysSo(use, BUNDLED_LISTS, false), new Map())).to.deep.equal(ids.slice(0, 1));
  });
});
