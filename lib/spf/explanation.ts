/** Owns what is told to people of a domain's explanation (`exp=`): a stranger's text, made harmless. */

import { printable } from '../mail/reply.ts';
import { addressBytes, type Address } from '../mail/network.ts';

const LONGEST = 300;

/** Null: nothing is left to tell. */
export function explanationOf(text: string | undefined, ip: Address): string | null {
  if (text === undefined) return null;
  const told = printable(withUpperNibbles(text, ip)).trim().slice(0, LONGEST).trimEnd();
  return told === '' ? null : told;
}

/**
 * `%{i}` and `%{ir}` of IPv6 with upper case, as the suite of RFC 7208 has them (`v-macro-ip6`): mailauth writes lower
 * case, which to the DNS is the same.
 */
function withUpperNibbles(text: string, ip: Address): string {
  if (ip.family === 'ipv4') return text;
  const nibbles = Buffer.from(addressBytes(ip)).toString('hex').split('');
  const forward = nibbles.join('.');
  const backward = nibbles.toReversed().join('.');
  return text.replaceAll(forward, forward.toUpperCase()).replaceAll(backward, backward.toUpperCase());
}
