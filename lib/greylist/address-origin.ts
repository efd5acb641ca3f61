/** Owns what an address stands for in the greylist: its network, as an origin, and its host, who may earn a standing. */

import { networkOf, type Address } from '../mail/network.ts';
import type { Origin, Subject } from './triplet.ts';

/** Bits of a client's address that make its network. */
export interface Prefixes {
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export function networkOrigin(address: Address, { ipv4Prefix, ipv6Prefix }: Prefixes): Origin {
  return { kind: 'network', value: networkOf(address, address.family === 'ipv4' ? ipv4Prefix : ipv6Prefix) };
}

/** Of IPv6 its /64, in which a host may take any address. */
export function exactSubject(address: Address): Subject {
  return { kind: 'address', value: address.family === 'ipv4' ? address.text : networkOf(address, 64) };
}
