/** Networks side by side are shown as the one that was typed. */

import { expect } from 'chai';
import { blocksOf } from '../../lib/cli/blocks.ts';
import type { Subject } from '../../lib/greylist/triplet.ts';
import { parseNetwork, subnetworks } from '../../lib/mail/network.ts';

function parts(kind: Subject['kind'], network: string, prefix: number): Subject[] {
  return [...subnetworks(parseNetwork(network)!, prefix)].map((value) => ({
    kind,
    value: value.replace('/32', ''),
  }));
}

describe('Networks side by side', () => {
  const cases: readonly (readonly [what: string, subjects: readonly Subject[], shown: readonly string[]])[] =
    [
      [
        'are one, in how many parts',
        parts('network', '198.51.0.0/16', 24),
        ['198.51.0.0/16 as 256 networks of /24'],
      ],
      ['of addresses too', parts('address', '192.0.2.16/28', 32), ['192.0.2.16/28 as 16 addresses']],
      ['of IPv6 too', parts('address', '2001:db8::/58', 64), ['2001:db8::/58 as 64 networks of /64']],
      ['the whole of IPv4', parts('network', '0.0.0.0/0', 1), ['0.0.0.0/0 as 2 networks of /1']],
      [
        'are two where one part is missing',
        parts('network', '192.0.0.0/22', 24).slice(1),
        ['192.0.1.0/24', '192.0.2.0/23 as 2 networks of /24'],
      ],
      [
        'are not one where they only touch',
        [...parts('network', '192.0.1.0/24', 24), ...parts('network', '192.0.2.0/24', 24)],
        ['192.0.1.0/24', '192.0.2.0/24'],
      ],
      [
        'are not one of two kinds',
        [...parts('address', '2001:db8::/64', 64), ...parts('network', '2001:db8:0:1::/64', 64)],
        ['2001:db8::/64', '2001:db8:0:1::/64'],
      ],
      [
        'are not the same one twice',
        [...parts('network', '192.0.2.0/24', 24), ...parts('network', '192.0.2.0/24', 24)],
        ['192.0.2.0/24', '192.0.2.0/24'],
      ],
      [
        'are no domains',
        [
          { kind: 'spf', value: 'example.com' },
          { kind: 'ptr', value: 'example.com' },
        ],
        ['example.com', 'example.com'],
      ],
    ];
  for (const [what, subjects, shown] of cases)
    it(what, () => expect(blocksOf(subjects).map(({ value }) => value)).to.deep.equal(shown));

  it('are not one if they do not belong together', () => {
    const none = blocksOf(parts('network', '192.0.0.0/22', 24), () => false);
    expect(none.map(({ value }) => value)).to.have.length(4);
  });
});
