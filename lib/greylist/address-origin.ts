/** Owns what an address stands for in the greylist: its network, as an origin, and its host, who may earn a standing. */

import { addressBytes, networkOf, type Address } from '../mail/network.ts';
import type { Origin, Subject } from './triplet.ts';

/** Bits of a client's address that make its network. */
export interface Prefixes {
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export function networkOrigin(address: Address, { ipv4Prefix, ipv6Prefix }: Prefixes): Origin {
  const own = withoutNat64(address);
  return { kind: 'network', value: networkOf(own, own.family === 'ipv4' ? ipv4Prefix : ipv6Prefix) };
}

/** Of IPv6 its /64, in which a host may take any address. */
export function exactSubject(address: Address): Subject {
  const own = withoutNat64(address);
  return { kind: 'address', value: own.family === 'ipv4' ? own.text : networkOf(own, 64) };
}

/** As a server without IPv4 sees who has nothing else: all of them are in one /64 (RFC 6052 §2.1). */
const NAT64 = /^64:ff9b::/;

/** `64:ff9b::c000:20a` → `192.0.2.10`: behind one translator there are as many hosts as IPv4 has, and none may free another. */
export function withoutNat64(address: Address): Address {
  if (address.family === 'ipv4' || !NAT64.test(address.text)) return address;
  const bytes = addressBytes(address);
  // 64:ff9b::1:0:0 is not of the /96.
  if (bytes.subarray(4, 12).some((byte) => byte !== 0)) return address;
  return { family: 'ipv4', text: bytes.subarray(12).join('.') };
}
