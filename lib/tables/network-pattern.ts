/** Owns the left-hand side of a cidr_table(5) line: an address or network, and an address as the bits it is matched by. */

import { isIPv4, isIPv6 } from 'node:net';
import { addressBytes, ipv4Bits, networkOf } from '../mail/network.ts';
import { shown } from './bytes.ts';

/** A number for IPv4, a bigint for IPv6: the type is the family. */
export type Bits = number | bigint;

export interface NetworkPattern {
  /** Shifted right, so that only the prefix is left. */
  readonly prefix: Bits;
  readonly length: number;
}

/** What inet_pton() takes; null for anything else. An IPv4-mapped address stays IPv6, as in Postfix. */
export function addressBits(text: string): Bits | null {
  if (isIPv4(text)) return ipv4Bits(text);
  if (text.length > 45 || !isIPv6(text) || text.includes('%')) return null;
  const bytes = addressBytes({ family: 'ipv6', text });
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

export function prefixOf(bits: Bits, length: number): Bits {
  if (typeof bits === 'bigint') return bits >> BigInt(128 - length);
  return length === 0 ? 0 : bits >>> (32 - length);
}

export function contains(pattern: NetworkPattern, bits: Bits): boolean {
  return typeof bits === typeof pattern.prefix && prefixOf(bits, pattern.length) === pattern.prefix;
}

export type ReadPattern =
  | { readonly ok: true; readonly pattern: NetworkPattern }
  | { readonly ok: false; readonly what: string; readonly instead: string };

/** `192.0.2.0/24`, `[2001:db8::]/32`, `[192.0.2.0/24]`, `2001:db8::1`; the bits after the prefix must be zero. */
export function readNetworkPattern(written: string): ReadPattern {
  const inner = written.startsWith('[') ? withoutBrackets(written) : written;
  const slash = inner?.indexOf('/') ?? -1;
  const address = slash < 0 ? inner : inner!.slice(0, slash);
  const bits = address === null ? null : addressBits(address);
  if (address === null || bits === null) return notOne(written);
  const longest = typeof bits === 'bigint' ? 128 : 32;
  const mask = slash < 0 ? String(longest) : inner!.slice(slash + 1);
  if (!/^\d{1,9}$/.test(mask) || Number(mask) > longest) return badMask(address, mask, longest);
  const length = Number(mask);
  if (!endsInZeros(bits, length)) return hostBits(address, length);
  return { ok: true, pattern: { prefix: prefixOf(bits, length), length } };
}

function endsInZeros(bits: Bits, length: number): boolean {
  if (typeof bits === 'bigint') return bits % (1n << BigInt(128 - length)) === 0n;
  return bits % 2 ** (32 - length) === 0;
}

/** `[a]` → `a`, `[a]/n` and `[a/n]` → `a/n`; null if the brackets do not fit. */
function withoutBrackets(written: string): string | null {
  const end = written.indexOf(']');
  const after = written.slice(end + 1);
  if (end < 0 || !(after === '' || after.startsWith('/'))) return null;
  return written.slice(1, end) + after;
}

function notOne(written: string): ReadPattern {
  const what = `"${shown(written)}" is neither address nor network`;
  const octets = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.?$/.exec(written)?.[1]?.split('.') ?? [];
  const filled = [...octets, '0', '0', '0'].slice(0, 4).join('.');
  if (octets.length > 0 && isIPv4(filled))
    return { ok: false, what, instead: `write ${filled}/${8 * octets.length}` };
  if (/^[a-z_][a-z0-9_-]*(\.[a-z0-9_-]+)+\.?$/i.test(written))
    return { ok: false, what, instead: 'names belong in a hash: or regexp: table' };
  return { ok: false, what, instead: 'write one such as 192.0.2.0/24 or 2001:db8::/32' };
}

function badMask(address: string, mask: string, longest: number): ReadPattern {
  const what = `"${shown(`${address}/${mask}`)}" has no prefix length of 0 to ${longest}`;
  const ones = isIPv4(mask) ? ipv4Bits(mask).toString(2).padStart(32, '0') : '';
  if (/^1+0*$/.test(ones) && longest === 32)
    return { ok: false, what, instead: `write ${address}/${ones.lastIndexOf('1') + 1}` };
  return { ok: false, what, instead: `write ${address}/${longest === 32 ? 24 : 64}` };
}

function hostBits(address: string, length: number): ReadPattern {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const network = networkOf({ family, text: address }, length);
  const what = `"${address}/${length}" has address bits beyond its prefix, which Postfix does not take`;
  return { ok: false, what, instead: `write ${network}, or ${address} alone` };
}
