/** Owns Command: what the MTA says, and how each command is read from its frame. */

import { decodeExact, decodeStrings, OPTIONS } from './layouts.ts';
import type { Options } from './layouts.ts';
import { ProtocolError } from './protocol-error.ts';

/** Every string is a byte string (bytes.ts): `toText` makes it readable. */
export type Command =
  | ({ readonly kind: 'negotiate' } & Options)
  | Macros
  | Connect
  | { readonly kind: 'helo'; readonly name: string }
  /** `sender` has its angle brackets; arguments are ESMTP's, `SIZE=1000`. */
  | { readonly kind: 'mail'; readonly sender: string; readonly args: readonly string[] }
  | { readonly kind: 'rcpt'; readonly recipient: string; readonly args: readonly string[] }
  | { readonly kind: 'data' }
  /** A folded value holds LF or CRLF before its white space. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'endOfHeaders' }
  | { readonly kind: 'body'; readonly chunk: Buffer }
  /** `chunk`: a last piece of the body, mostly empty. */
  | { readonly kind: 'endOfMessage'; readonly chunk: Buffer }
  | { readonly kind: 'abort' }
  | { readonly kind: 'quit' }
  /** A new session follows on this connection. */
  | { readonly kind: 'quitNewConnection' }
  /** An SMTP line that the MTA does not know. */
  | { readonly kind: 'unknown'; readonly line: string };

export interface Macros {
  readonly kind: 'macros';
  /** The code of the command they are for: `C`, `H`, `M`, … */
  readonly code: string;
  /** `name NUL value NUL …` as it came; macros.ts reads it when one is asked for. */
  readonly table: string;
}

export interface Connect {
  readonly kind: 'connect';
  /** The verified name, `[192.0.2.1]` or `unknown`. */
  readonly host: string;
  readonly family: Family;
  /** An IP address, Sendmail's IPv6 with `IPv6:` before it, or a socket's path; null for family unknown. */
  readonly address: string | null;
  /** Null for family unknown. */
  readonly port: number | null;
}

export type Family = 'ipv4' | 'ipv6' | 'unix' | 'unknown';

/** By its code on the wire (SMFIA_*). */
const FAMILIES: Readonly<Record<string, Family>> = { '4': 'ipv4', '6': 'ipv6', L: 'unix', U: 'unknown' };

/** Reads a frame as Framer gives it. Throws ProtocolError for an unknown code and for a payload that isn't its own. */
export function decodeCommand(frame: Buffer): Command {
  const code = String.fromCharCode(frame[0]!);
  const payload = frame.subarray(1);
  switch (code) {
    case 'O':
      return { kind: 'negotiate', ...decodeExact(OPTIONS, payload, 'negotiate') };
    case 'D':
      return decodeMacros(payload);
    case 'C':
      return decodeConnect(payload);
    case 'H':
      return { kind: 'helo', name: decodeStrings(payload, 1, 1, 'helo')[0]! };
    case 'M': {
      const [sender, ...args] = decodeStrings(payload, 1, Infinity, 'mail');
      return { kind: 'mail', sender: sender!, args };
    }
    case 'R': {
      const [recipient, ...args] = decodeStrings(payload, 1, Infinity, 'rcpt');
      return { kind: 'rcpt', recipient: recipient!, args };
    }
    case 'T':
      return bare('data', payload);
    case 'L':
      return decodeHeader(payload);
    case 'N':
      return bare('endOfHeaders', payload);
    case 'B':
      return { kind: 'body', chunk: payload };
    case 'E':
      return { kind: 'endOfMessage', chunk: payload };
    case 'A':
      return bare('abort', payload);
    case 'Q':
      return bare('quit', payload);
    case 'K':
      return bare('quitNewConnection', payload);
    case 'U':
      return { kind: 'unknown', line: decodeStrings(payload, 1, 1, 'unknown')[0]! };
    default:
      throw new ProtocolError(`unknown command 0x${frame[0]!.toString(16).padStart(2, '0')}`);
  }
}

type BareKind = 'data' | 'endOfHeaders' | 'abort' | 'quit' | 'quitNewConnection';

function bare(kind: BareKind, payload: Buffer): Command {
  if (payload.length > 0) throw new ProtocolError(`${kind} with bytes too many`);
  return { kind };
}

function decodeMacros(payload: Buffer): Macros {
  const table = payload.toString('latin1', 1);
  if (payload.length === 0 || (table !== '' && !table.endsWith('\0')))
    throw new ProtocolError('truncated macros');
  let strings = 0;
  for (let at = table.indexOf('\0'); at >= 0; at = table.indexOf('\0', at + 1)) strings += 1;
  if (strings % 2 !== 0) throw new ProtocolError('macro without a value');
  return { kind: 'macros', code: String.fromCharCode(payload[0]!), table };
}

/** By hand: there are more of these than of all other commands together. */
function decodeHeader(payload: Buffer): Command {
  const nameEnd = payload.indexOf(0);
  const end = nameEnd < 0 ? -1 : payload.indexOf(0, nameEnd + 1);
  if (end < 0) throw new ProtocolError('truncated header');
  if (end !== payload.length - 1) throw new ProtocolError('header with strings too many');
  const name = payload.toString('latin1', 0, nameEnd);
  return { kind: 'header', name, value: payload.toString('latin1', nameEnd + 1, end) };
}

/** By hand: port and address are there or not, as the family says. */
function decodeConnect(payload: Buffer): Connect {
  const end = payload.indexOf(0);
  if (end < 0 || end + 1 >= payload.length) throw new ProtocolError('truncated connect');
  const host = payload.toString('latin1', 0, end);
  const family = FAMILIES[String.fromCharCode(payload[end + 1]!)];
  if (family === undefined) throw new ProtocolError('connect of an unknown family');
  if (family === 'unknown') {
    if (payload.length > end + 2) throw new ProtocolError('connect with bytes too many');
    return { kind: 'connect', host, family, address: null, port: null };
  }
  if (payload.length < end + 4) throw new ProtocolError('truncated connect');
  const port = payload.readUInt16BE(end + 2);
  const [address] = decodeStrings(payload.subarray(end + 4), 1, 1, 'connect');
  return { kind: 'connect', host, family, address: address!, port };
}
