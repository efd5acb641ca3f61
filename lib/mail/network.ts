/** Owns IP addresses and networks: one canonical spelling, prefixes, and sets of networks. */

import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';

/** A canonical IP address: dotted quad, or RFC 5952 IPv6; an IPv4-mapped one is given as IPv4. */
export interface Address {
  readonly family: 'ipv4' | 'ipv6';
  readonly text: string;
}

/**
 * Reads what an MTA, a person or a DNS record writes: `192.0.2.1`, `IPv6:2001:db8::1`, `[::1]`, `::ffff:192.0.2.1`.
 * Null for anything else; never throws.
 */
export function parseAddress(written: string): Address | null {
  // Longer than any spelling of an address: what follows need not be fast for that.
  if (written.length > 100) return null;
  let text = written.trim();
  if (text.startsWith('[') && text.endsWith(']')) text = text.slice(1, -1);
  if (/^ipv6:/i.test(text)) text = text.slice(5);
  if (isIPv4(text)) return { family: 'ipv4', text };
  // A zone id (fe80::1%eth0) names an interface of this machine, not a part of the address.
  text = text.replace(/%.*$/, '');
  if (!isIPv6(text)) return null;
  const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical);
  return mapped ? { family: 'ipv4', text: mapped[1]! } : { family: 'ipv6', text: canonical };
}

/** The bytes of an address, 4 or 16, in network order. */
export function addressBytes(address: Address): Uint8Array {
  if (address.family === 'ipv4') return ipv4Bytes(ipv4Bits(address.text));
  const bytes = new Uint8Array(16);
  const [head = '', tail] = address.text.split('::');
  writeGroups(bytes, 0, head);
  if (tail !== undefined) writeGroups(bytes, 16 - 2 * groupCount(tail), tail);
  return bytes;
}

function ipv4Bytes(bits: number): Uint8Array {
  return Uint8Array.of(bits >>> 24, bits >>> 16, bits >>> 8, bits);
}

function groupCount(part: string): number {
  return part === '' ? 0 : part.split(':').length + (part.includes('.') ? 1 : 0);
}

function writeGroups(bytes: Uint8Array, start: number, part: string): void {
  if (part === '') return;
  let at = start;
  for (const group of part.split(':')) {
    if (group.includes('.')) {
      bytes.set(Uint8Array.from(group.split('.'), Number), at);
      at += 4;
      continue;
    }
    const value = Number.parseInt(group, 16);
    bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
}

/** The network an address lies in: `192.0.2.77`, 24 → `192.0.2.0/24`. */
export function networkOf(address: Address, prefix: number): string {
  if (address.family === 'ipv4') return ipv4Network(address.text, prefix);
  const bytes = addressBytes(address);
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.min(8, Math.max(0, prefix - 8 * i));
    bytes[i] = bytes[i]! & (0xff00 >> kept) & 0xff;
  }
  return `${formatIPv6(bytes)}/${prefix}`;
}

/** Once per recipient: no arrays on the way. */
function ipv4Network(text: string, prefix: number): string {
  const kept = (ipv4Bits(text) & (prefix === 0 ? 0 : -1 << (32 - prefix))) >>> 0;
  return `${kept >>> 24}.${(kept >>> 16) & 255}.${(kept >>> 8) & 255}.${kept & 255}/${prefix}`;
}

/** A dotted quad as a number below 2^32. */
export function ipv4Bits(text: string): number {
  let bits = 0;
  let octet = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      bits = bits * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + code - 0x30;
  }
  return bits * 256 + octet;
}

function formatIPv6(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

export interface Network {
  readonly address: Address;
  readonly prefix: number;
}

/** `192.0.2.0/24`, `[2001:db8::]/32`, `::1`, as in Postfix's mynetworks; null if it is neither address nor network. */
export function parseNetwork(written: string): Network | null {
  const [, host, bits] = /^\s*(\[[^\]]*\]|[^/\s]+)(?:\/(\d{1,3}))?\s*$/.exec(written) ?? [];
  const address = host === undefined ? null : parseAddress(host);
  if (address === null) return null;
  const longest = address.family === 'ipv4' ? 32 : 128;
  let prefix = bits === undefined ? longest : Number(bits);
  // ::ffff:192.0.2.0/120 was written in IPv6's bits, and is kept as IPv4.
  if (bits !== undefined && address.family === 'ipv4' && host!.includes(':')) prefix -= 96;
  return prefix >= 0 && prefix <= longest ? { address, prefix } : null;
}

/** The networks of a longer prefix that a network consists of, as many as are asked for: `192.0.2.0/30`, 31 → two. */
export function* subnetworks({ address, prefix }: Network, parts: number): Generator<string> {
  const bits = address.family === 'ipv4' ? 32 : 128;
  const bytes = addressBytes(address);
  for (let n = 0n; n < 1n << BigInt(parts - prefix); n++) {
    yield networkOf(addressOf(bytes), parts);
    let carry = 1 << ((bits - parts) % 8);
    for (let i = Math.ceil(parts / 8) - 1; carry > 0 && i >= 0; i--) {
      carry += bytes[i]!;
      bytes[i] = carry & 0xff;
      carry >>= 8;
    }
  }
}

function addressOf(bytes: Uint8Array): Address {
  if (bytes.length === 4) return { family: 'ipv4', text: bytes.join('.') };
  return { family: 'ipv6', text: formatIPv6(bytes) };
}

/** A set of networks; `has(null)` is false. */
export class NetworkSet {
  readonly #list = new BlockList();
  readonly #networks: readonly Network[];

  constructor(networks: Iterable<Network>) {
    this.#networks = [...networks];
    for (const { address, prefix } of this.#networks)
      this.#list.addSubnet(address.text, prefix, address.family);
  }

  has(address: Address | null): boolean {
    return address !== null && this.#list.check(address.text, address.family);
  }

  /** The first of them that it is in, `192.0.2.0/24`, for people; null: none. */
  first(address: Address): string | null {
    const found = this.#networks.find(
      ({ address: { family, text }, prefix }) =>
        family === address.family && networkOf(address, prefix) === networkOf({ family, text }, prefix),
    );
    return found === undefined ? null : networkOf(found.address, found.prefix);
  }
}

/** The network that is meant where bits are set beyond its prefix: `192.0.2.1/24` → `192.0.2.0/24`; null: none are. */
export function withoutExcess({ address, prefix }: Network): string | null {
  const masked = networkOf(address, prefix);
  const whole = networkOf(address, address.family === 'ipv4' ? 32 : 128);
  return masked.split('/')[0] === whole.split('/')[0] ? null : masked;
}
