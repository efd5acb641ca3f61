/** Owns Response: what a filter says, and how each response is read from its frame. */

import { decodeExact, decodeStrings, INDEXED, OPTIONS } from './layouts.ts';
import type { Options } from './layouts.ts';
import { ProtocolError } from './protocol-error.ts';

/** Every string is a byte string (bytes.ts). */
export type Response =
  | Terms
  | { readonly kind: Verdict }
  | ReplyCode
  | { readonly kind: 'progress' }
  | Modification;

/** A last word that is one byte on the wire. */
export type Verdict =
  | 'continue'
  | 'accept'
  | 'reject'
  | 'tempfail'
  | 'discard'
  | 'skip'
  | 'shutdown'
  | 'connection-failure';

/** The answer to an offer. */
export interface Terms extends Options {
  readonly kind: 'negotiate';
  /** Which macros the filter wants, by stage (SETSYMLIST). */
  readonly macros: readonly MacroList[];
}

export interface MacroList {
  /** SMFIM_*: connect 0, helo 1, mail 2, rcpt 3, data 4, end of message 5, end of headers 6. */
  readonly stage: number;
  /** Separated by spaces. */
  readonly names: string;
}

export interface ReplyCode {
  readonly kind: 'reply';
  /** As it stands on the wire: lines joined by CRLF, `%` doubled. reply-text.ts makes a safe one. */
  readonly text: string;
}

/** A change of the message, only before the last word on it. */
export type Modification =
  | { readonly kind: 'addHeader'; readonly name: string; readonly value: string }
  /** `index` 0 is above all others, the MTA's own Received line too. */
  | { readonly kind: 'insertHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** `index` counts from 1 among the headers of that name; an empty value deletes. */
  | { readonly kind: 'changeHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** `args`: ESMTP arguments in one string, null for none. */
  | { readonly kind: 'addRecipient'; readonly recipient: string; readonly args: string | null }
  | { readonly kind: 'deleteRecipient'; readonly recipient: string }
  | { readonly kind: 'replaceBody'; readonly chunk: Buffer }
  | { readonly kind: 'changeSender'; readonly sender: string; readonly args: string | null }
  | { readonly kind: 'quarantine'; readonly reason: string };

const VERDICTS: Readonly<Record<string, Verdict>> = {
  c: 'continue',
  a: 'accept',
  r: 'reject',
  t: 'tempfail',
  d: 'discard',
  s: 'skip',
  '4': 'shutdown',
  f: 'connection-failure',
};

/** Reads a frame as Framer gives it. Throws ProtocolError for an unknown code and for a payload that isn't its own. */
export function decodeResponse(frame: Buffer): Response {
  const code = String.fromCharCode(frame[0]!);
  const payload = frame.subarray(1);
  const verdict = VERDICTS[code];
  if (verdict !== undefined || code === 'p') {
    const kind = verdict ?? 'progress';
    if (payload.length > 0) throw new ProtocolError(`${kind} with bytes too many`);
    return { kind };
  }
  switch (code) {
    case 'O':
      return decodeTerms(payload);
    case 'y':
      return { kind: 'reply', text: decodeStrings(payload, 1, 1, 'reply')[0]! };
    case 'h': {
      const [name, value] = decodeStrings(payload, 2, 2, 'addHeader');
      return { kind: 'addHeader', name: name!, value: value! };
    }
    case 'i':
      return { kind: 'insertHeader', ...decodeIndexed(payload, 'insertHeader') };
    case 'm':
      return { kind: 'changeHeader', ...decodeIndexed(payload, 'changeHeader') };
    case '+':
      return {
        kind: 'addRecipient',
        recipient: decodeStrings(payload, 1, 1, 'addRecipient')[0]!,
        args: null,
      };
    case '2': {
      const [recipient, args = null] = decodeStrings(payload, 1, 2, 'addRecipient');
      return { kind: 'addRecipient', recipient: recipient!, args };
    }
    case '-':
      return { kind: 'deleteRecipient', recipient: decodeStrings(payload, 1, 1, 'deleteRecipient')[0]! };
    case 'b':
      return { kind: 'replaceBody', chunk: payload };
    case 'e': {
      const [sender, args = null] = decodeStrings(payload, 1, 2, 'changeSender');
      return { kind: 'changeSender', sender: sender!, args };
    }
    case 'q':
      return { kind: 'quarantine', reason: decodeStrings(payload, 1, 1, 'quarantine')[0]! };
    default:
      throw new ProtocolError(`unknown response 0x${frame[0]!.toString(16).padStart(2, '0')}`);
  }
}

function decodeIndexed(payload: Buffer, what: string): { index: number; name: string; value: string } {
  const { index, strings } = decodeExact(INDEXED, payload, what);
  const [name, value] = strings;
  if (name === undefined || value === undefined) throw new ProtocolError(`truncated ${what}`);
  if (strings.length > 2) throw new ProtocolError(`${what} with strings too many`);
  return { index, name, value };
}

function decodeTerms(payload: Buffer): Terms {
  const options = decodeExact(OPTIONS, payload.subarray(0, OPTIONS.span), 'negotiate');
  const macros: MacroList[] = [];
  let at = OPTIONS.span;
  while (at < payload.length) {
    const end = payload.indexOf(0, at + 4);
    if (at + 4 >= payload.length || end < 0) throw new ProtocolError('truncated macro list');
    const { index, strings } = decodeExact(INDEXED, payload.subarray(at, end + 1), 'macro list');
    macros.push({ stage: index, names: strings[0]! });
    at = end + 1;
  }
  return { kind: 'negotiate', ...options, macros };
}
