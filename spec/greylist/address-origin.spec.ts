/** What networks and hosts clients are known by: see also learning.spec.ts for what that keeps bots from. */

import { expect } from 'chai';
import { exactSubject, networkOrigin } from '../../lib/greylist/address-origin.ts';
import { parseAddress } from '../../lib/mail/network.ts';

const PREFIXES = { ipv4Prefix: 24, ipv6Prefix: 64 };

describe('A client is known by its network and its host:', () => {
  const rows: readonly (readonly [client: string, network: string, host: string])[] = [
    ['192.0.2.10', '192.0.2.0/24', '192.0.2.10'],
    ['2001:db8:1:2:3::10', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['::ffff:192.0.2.10', '192.0.2.0/24', '192.0.2.10'],
    // Behind a NAT64.
    ['64:ff9b::192.0.2.10', '192.0.2.0/24', '192.0.2.10'],
    ['64:ff9b::c633:6401', '198.51.100.0/24', '198.51.100.1'],
    ['0064:FF9B:0:0:0:0:CB00:7101', '203.0.113.0/24', '203.0.113.1'],
    ['64:ff9b::', '0.0.0.0/24', '0.0.0.0'],
    // Beside it.
    ['64:ff9b::1:0:0', '64:ff9b::/64', '64:ff9b::/64'],
    ['64:ff9b:0:0:1::c000:20a', '64:ff9b::/64', '64:ff9b::/64'],
    ['64:ff9b:1::c000:20a', '64:ff9b:1::/64', '64:ff9b:1::/64'],
    ['2064:ff9b::c000:20a', '2064:ff9b::/64', '2064:ff9b::/64'],
  ];
  for (const [client, network, host] of rows)
    it(`${client} by ${network} and ${host}`, () => {
      const address = parseAddress(client)!;
      expect(networkOrigin(address, PREFIXES)).to.deep.equal({ kind: 'network', value: network });
      expect(exactSubject(address)).to.deep.equal({ kind: 'address', value: host });
    });
});
