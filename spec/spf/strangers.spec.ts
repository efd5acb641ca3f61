import { expect } from 'chai';
import fc from 'fast-check';
import { NetworkSet, parseNetwork } from '../../lib/mail/network.ts';
import { stranger } from '../../lib/spf/strangers.ts';

const networks = (...written: readonly string[]): NetworkSet =>
  new NetworkSet(written.map((each) => parseNetwork(each)!));

/** RFC 6890, and what was added to its registries. */
const SPECIAL = networks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
);
const UNICAST = networks('0.0.0.0/0', '2000::/3');

describe('A stranger', () => {
  for (const [family, octets] of [
    ['ipv4', 4],
    ['ipv6', 17],
  ] as const) {
    it(`of ${family} is a public host, whatever the dice say`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: octets, maxLength: octets }), (random) => {
          const { address } = stranger(family, () => random);
          expect(address.family).to.equal(family);
          expect(UNICAST.has(address) && !SPECIAL.has(address), address.text).to.equal(true);
        }),
        { numRuns: 2000 },
      );
    });

    it(`of ${family} comes from everywhere`, () => {
      const seen = new Set<string>();
      for (let n = 0; n < 256; n++) {
        const { address } = stranger(family, (count) => new Uint8Array(count).fill(n));
        seen.add(address.text);
      }
      expect(seen.size).to.equal(256);
    });
  }
});
