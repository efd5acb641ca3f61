/** Owns the types of records that we ask for: their numbers, and how the value of each is read. */

import { readWholeName } from './wire-name.ts';
import type { Mx } from './resolver.ts';

export interface RecordType<T> {
  readonly name: 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT';
  /** RFC 1035 §3.2.2, RFC 3596 §2.1. */
  readonly code: number;
  /** The value between two offsets of a message; null: there is none of this type. */
  read(message: Buffer, from: number, to: number): T | null;
}

export const A: RecordType<string> = {
  name: 'A',
  code: 1,
  read: (bytes, from, to) =>
    to - from === 4 ? `${bytes[from]!}.${bytes[from + 1]!}.${bytes[from + 2]!}.${bytes[from + 3]!}` : null,
};

export const AAAA: RecordType<string> = {
  name: 'AAAA',
  code: 28,
  read: (bytes, from, to) => (to - from === 16 ? ipv6(bytes, from) : null),
};

export const MX: RecordType<Mx> = {
  name: 'MX',
  code: 15,
  read(bytes, from, to) {
    if (to - from < 3) return null;
    const exchange = readWholeName(bytes, from + 2, to);
    return exchange === null ? null : { preference: bytes.readUInt16BE(from), exchange };
  },
};

export const PTR: RecordType<string> = {
  name: 'PTR',
  code: 12,
  read: readWholeName,
};

/** A character is a byte, whatever the domain's owner took them for. */
export const TXT: RecordType<string> = {
  name: 'TXT',
  code: 16,
  read(bytes, from, to) {
    let text = '';
    let at = from;
    while (at < to) {
      const end = at + 1 + bytes[at]!;
      if (end > to) return null;
      text += bytes.toString('latin1', at + 1, end);
      at = end;
    }
    return to > from ? text : null;
  },
};

/** RFC 5952: the longest run of zeros is `::`, the first of equals, never a single one; a mapped IPv4 address is mixed. */
function ipv6(bytes: Buffer, from: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(bytes.readUInt16BE(from + i));
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return `::ffff:${A.read(bytes, from + 12, from + 16)}`;
  let best = { from: 0, length: 1 };
  let run = 0;
  for (const [i, group] of groups.entries()) {
    run = group === 0 ? run + 1 : 0;
    if (run > best.length) best = { from: i + 1 - run, length: run };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.length === 1) return hex(groups);
  return `${hex(groups.slice(0, best.from))}::${hex(groups.slice(best.from + best.length))}`;
}
