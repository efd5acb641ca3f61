// buffer-layout has no types of its own: those who use ours from the npm package need them too.
// oxlint-disable-next-line typescript/triple-slash-reference -- an import of a .d.ts is not kept in the emitted types
/// <reference path="./buffer-layout.d.ts" preserve="true" />
/** Owns how payloads are laid out: the fixed parts, lists of NUL-terminated strings, and exact decoding. */

import { Layout, struct, u32be } from 'buffer-layout';
import { ProtocolError } from './protocol-error.ts';

/** NUL-terminated byte strings up to the end of the payload. buffer-layout's own cstr() takes a missing NUL. */
export class CStrings extends Layout<readonly string[]> {
  constructor(property?: string) {
    super(-1, property);
  }

  override decode(bytes: Buffer, offset = 0): readonly string[] {
    const strings: string[] = [];
    let start = offset;
    while (start < bytes.length) {
      const end = bytes.indexOf(0, start);
      if (end < 0) throw new RangeError('a string without its NUL');
      strings.push(bytes.toString('latin1', start, end));
      start = end + 1;
    }
    return strings;
  }

  override encode(strings: readonly string[], bytes: Buffer, offset = 0): number {
    let at = offset;
    for (const string of strings) {
      at += bytes.write(string, at, 'latin1');
      bytes[at++] = 0;
    }
    return at - offset;
  }

  override getSpan(bytes: Buffer, offset = 0): number {
    return bytes.length - offset;
  }
}

/** What CStrings take on the wire, in bytes. Throws RangeError if a string holds a NUL, which would be its end. */
export function spanOf(strings: readonly string[]): number {
  let span = 0;
  for (const string of strings) {
    if (string.includes('\0')) throw new RangeError('a NUL inside a string');
    span += string.length + 1;
  }
  return span;
}

export interface Options {
  readonly version: number;
  /** Bits of ACTION. */
  readonly actions: number;
  /** Bits of PROTOCOL. */
  readonly protocol: number;
}

export const STRINGS = new CStrings();

export const OPTIONS: Layout<Options> = struct([u32be('version'), u32be('actions'), u32be('protocol')]);

/** An index and strings: INSHEADER, CHGHEADER, and one list of SETSYMLIST. */
export const INDEXED: Layout<{ readonly index: number; readonly strings: readonly string[] }> = struct([
  u32be('index'),
  new CStrings('strings'),
]);

/** Decodes a payload that is this layout and nothing else; throws ProtocolError naming `what`. */
export function decodeExact<T>(layout: Layout<T>, payload: Buffer, what: string): T {
  let value: T;
  try {
    value = layout.decode(payload);
  } catch (error) {
    if (error instanceof RangeError) throw new ProtocolError(`truncated ${what}`);
    throw error;
  }
  if (layout.getSpan(payload) !== payload.length) throw new ProtocolError(`${what} with bytes too many`);
  return value;
}

/** Decodes a payload of at least `least` and at most `most` strings. */
export function decodeStrings(payload: Buffer, least: number, most: number, what: string): readonly string[] {
  const strings = decodeExact(STRINGS, payload, what);
  if (strings.length < least) throw new ProtocolError(`truncated ${what}`);
  if (strings.length > most) throw new ProtocolError(`${what} with strings too many`);
  return strings;
}
