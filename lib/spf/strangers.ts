/** Owns strangers: public addresses taken at random, so that no record and no name server can know that they are tried. */

import type { Address } from '../mail/network.ts';
import { outsider, type Outsider } from './outsiders.ts';

/** So many octets that nobody can foretell: whoever serves a zone sees who was tried before. */
export type Random = (octets: number) => Uint8Array;

/** /8s of which nothing is set aside for other than public hosts (RFC 6890). */
const FIRST_OCTETS = Array.from({ length: 223 }, (_, i) => i + 1).filter(
  (octet) => ![10, 100, 127, 169, 172, 192, 198, 203].includes(octet),
);

/** Given to registries (IANA, IPv6 Global Unicast Address Assignments): most of 2000::/3 is nobody's yet, and passed by nobody. */
const NETWORKS: readonly (readonly [first: number, second: number, prefix: number])[] = [
  [0x2001, 0x0400, 22],
  [0x2001, 0x1400, 22],
  [0x2001, 0x2000, 19],
  [0x2001, 0x4000, 21],
  [0x2001, 0x8000, 19],
  [0x2003, 0, 18],
  [0x2400, 0, 12],
  [0x2410, 0, 12],
  [0x2600, 0, 12],
  [0x2630, 0, 12],
  [0x2800, 0, 12],
  [0x2a00, 0, 12],
  [0x2a10, 0, 12],
  [0x2c00, 0, 12],
];

export function stranger(family: Address['family'], random: Random): Outsider {
  return outsider(family === 'ipv4' ? ipv4(random(4)) : ipv6(random(17)));
}

function ipv4(octets: Uint8Array): string {
  return [FIRST_OCTETS[octets[0]! % FIRST_OCTETS.length], ...octets.subarray(1)].join('.');
}

/** The last octet chooses the network. */
function ipv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!);
  const [first, second, prefix] = NETWORKS[octets[16]! % NETWORKS.length]!;
  groups[0] = within(groups[0]!, first, prefix);
  groups[1] = within(groups[1]!, second, prefix - 16);
  return groups.map((group) => group.toString(16)).join(':');
}

/** The first bits of the one, the others of the other. */
function within(group: number, network: number, bits: number): number {
  const others = 0xffff >> Math.min(16, Math.max(0, bits));
  return (network & ~others) | (group & others);
}
