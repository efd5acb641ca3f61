/** Owns the names that a DNS list is asked by (RFC 5782 §2). */

import { addressBytes, type Address } from '../mail/network.ts';
import { asciiDomain } from '../mail/domain.ts';

/** `2.0.0.127.zone`, or 32 nibbles of an IPv6 address; null: no name of the DNS can be so long. */
export function addressQuery(address: Address, zone: string): string | null {
  const bytes = [...addressBytes(address)].toReversed();
  const labels =
    address.family === 'ipv4' ? bytes.map(String) : bytes.flatMap((byte) => [hex(byte & 15), hex(byte >> 4)]);
  return fitting(`${labels.join('.')}.${zone}`);
}

/** `example.org.zone`; null: it is no domain that a list could know. */
export function nameQuery(name: string, zone: string): string | null {
  if (/(?:^|\.)\d*$/.test(name)) return null;
  const ascii = asciiDomain(name);
  return ascii === null ? null : fitting(`${ascii.toLowerCase()}.${zone}`);
}

function hex(nibble: number): string {
  return nibble.toString(16);
}

function fitting(name: string): string | null {
  return name.length <= 253 ? name : null;
}
