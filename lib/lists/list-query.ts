/** Owns the questions to DNS lists: the name to look up for an address or a domain, or none where none may be asked. */

import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { addressBytes, type Address } from '../mail/network.ts';
import { queryName } from '../dns/resolver.ts';
import { isPublicAddress } from './public-address.ts';
import { registeredDomain } from './registered-domain.ts';

/**
 * RFC 5782 §2.1 and §2.4: `192.0.2.99` → `99.2.0.192.zone`, IPv6 as 32 nibbles; an IPv4-mapped address is IPv4 (Address).
 * Null: nobody may be asked about it (see public-address.ts), or the name would be too long.
 */
export function addressQuestion(address: Address, zone: string): string | null {
  return isPublicAddress(address) ? queryable(`${reversed(addressBytes(address))}.${zone}`) : null;
}

/**
 * RFC 5782 §2.2 and RFC 2181 §11: `Mail.Example.org` → `mail.example.org.zone`, IDNs as A-labels. `asks`: what the list
 * wants (KnownList); for `registered`, `a.b.example.co.uk` → `example.co.uk.zone`. Null: it is empty, in brackets, no
 * host name, ends in a number as an address does, has no registered domain, or would be too long.
 */
export async function nameQuestion(
  name: string,
  zone: string,
  asks: 'host' | 'registered' = 'host',
): Promise<string | null> {
  const domain = asciiDomain(withoutRootDot(name));
  if (domain === null || /(?:^|\.)\d+$/.test(domain)) return null;
  const asked = asks === 'host' ? domain : await registeredDomain(domain);
  return asked === null ? null : queryable(`${asked}.${zone}`);
}

/** Of a test entry: asked as it is written, `::ffff:7f00:2` as nibbles. */
export function entryQuestion(entry: string, zone: string): string | null {
  const bytes = entryBytes(entry);
  return queryable(`${bytes === null ? entry.toLowerCase() : reversed(bytes)}.${zone}`);
}

function entryBytes(entry: string): Uint8Array | null {
  if (entry.includes(':')) return addressBytes({ family: 'ipv6', text: entry });
  return /^\d+\.\d+\.\d+\.\d+$/.test(entry) ? addressBytes({ family: 'ipv4', text: entry }) : null;
}

function reversed(bytes: Uint8Array): string {
  const parts =
    bytes.length === 4
      ? [...bytes].map(String)
      : [...bytes].flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
  return parts.toReversed().join('.');
}

function queryable(name: string): string | null {
  return queryName(name);
}
