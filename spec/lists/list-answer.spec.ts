/** Which answers of a DNS list count for a rule, and which never do. */

import { expect } from 'chai';
import fc from 'fast-check';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import { listed, type Use } from '../../lib/lists/list-answer.ts';
import { parseListSite } from '../../lib/lists/list-site.ts';

function counted(written: string, records: readonly string[], use: Use): readonly string[] {
  const read = parseListSite(written);
  if (!read.ok) throw new Error(read.what);
  return listed(read.site, BUNDLED_LISTS.find(read.site.zone), records, use);
}

describe('Of what a DNS list answers', () => {
  const cases: readonly (readonly [written: string, use: Use, records: string, counts: string])[] = [
    // A list that we do not know.
    [
      'bl.example.org',
      'refuse',
      '127.0.0.1 127.0.0.2 127.0.0.254 127.0.0.255 127.0.1.2',
      '127.0.0.2 127.0.0.254',
    ],
    ['bl.example.org', 'refuse', '127.255.255.254 203.0.113.7 0.0.0.0', ''],
    ['bl.example.org', 'permit', '127.0.0.1 127.0.0.3', '127.0.0.3'],
    // A list that we know has its own code set.
    [
      'zen.spamhaus.org',
      'refuse',
      '127.0.0.2 127.0.0.4 127.0.0.11 127.0.0.30 127.255.255.252',
      '127.0.0.2 127.0.0.4 127.0.0.11',
    ],
    ['zen.spamhaus.org', 'permit', '127.0.0.2', ''],
    ['k3y.zen.dq.spamhaus.net', 'refuse', '127.0.0.10', '127.0.0.10'],
    ['dbl.spamhaus.org', 'refuse', '127.0.1.2 127.0.1.102 127.0.1.255', '127.0.1.2'],
    ['list.dnswl.org', 'permit', '127.0.5.1 127.0.5.2 127.0.10.3 127.0.0.255', '127.0.5.2'],
    ['list.dnswl.org', 'refuse', '127.0.5.2', ''],
    ['hostkarma.junkemailfilter.com', 'permit', '127.0.0.1 127.0.0.2 127.0.1.1', '127.0.0.1'],
    ['hostkarma.junkemailfilter.com', 'refuse', '127.0.0.1 127.0.0.2 127.0.0.3', '127.0.0.2'],
    ['multi.uribl.com', 'refuse', '127.0.0.1', ''],
    ['multi.uribl.com', 'refuse', '127.0.0.14', '127.0.0.14'],
    ['dnsbl.sorbs.net', 'refuse', '127.0.0.2', ''],
    // A written pattern counts instead, less the errors.
    ['zen.spamhaus.org=127.0.0.30', 'refuse', '127.0.0.2 127.0.0.30', '127.0.0.30'],
    ['dbl.spamhaus.org=127.0.1.[2..255]', 'refuse', '127.0.1.103 127.0.1.255', '127.0.1.103'],
    ['list.dnswl.org=127.0.[0..255].[2..3]', 'permit', '127.0.10.3 127.0.11.3', '127.0.11.3'],
    [
      'bl.example.org=[0..255].[0..255].[0..255].[0..255]',
      'refuse',
      '127.0.0.1 127.255.0.1 192.0.2.1 127.9.9.9',
      '127.9.9.9',
    ],
    ['wl.example.org=127.0.0.1', 'permit', '127.0.0.1', '127.0.0.1'],
    ['bl.example.org', 'refuse', 'nonsense', ''],
  ];
  for (const [written, use, records, counts] of cases)
    it(`${written} takes ${counts || 'none'} of ${records} to ${use}`, () => {
      expect(counted(written, records.split(' '), use).join(' ')).to.equal(counts);
    });

  it('no rule of any known list takes an error for a listing, whatever its pattern', () => {
    const octet = fc.oneof(fc.constant('[0..255]'), fc.constant('127'), fc.nat(255).map(String));
    fc.assert(
      fc.property(
        fc.constantFrom('bl.example.org', ...BUNDLED_LISTS.all.map(({ zone }) => zone.replace('*', 'k3y'))),
        fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')),
        fc.constantFrom('127.255.255.254', '127.255.0.1', '192.0.2.1', '128.0.0.2', '0.0.0.0'),
        fc.constantFrom<Use>('refuse', 'permit'),
        (zone, pattern, record, use) => counted(`${zone}=${pattern}`, [record], use).length === 0,
      ),
    );
  });
});
