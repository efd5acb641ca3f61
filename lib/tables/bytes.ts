/** Owns the text of tables as Postfix sees it: bytes, each of them one character U+0000 to U+00FF of a string. */

import { isUtf8 } from 'node:buffer';

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** A key as a caller has it → its bytes. */
export function bytesOf(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Bytes → text; null if they are not UTF-8. */
export function strictTextOf(bytes: string): string | null {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  const octets = Buffer.from(bytes, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : null;
}

/** Bytes → text; as Latin-1 if they are not UTF-8. */
export function textOf(bytes: string): string {
  return strictTextOf(bytes) ?? bytes;
}

/** C's isspace(): not JavaScript's, for which the second byte of `à` is white space. */
export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** The first place from `at` on that is not white space, or the end. */
export function skipBlanks(text: string, at: number): number {
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

export function trimBlanks(text: string): string {
  const start = skipBlanks(text, 0);
  let end = text.length;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** What an administrator wrote, fit for one line of a message: at most 60 characters, no control characters. */
export function shown(bytes: string): string {
  const line = textOf(bytes.slice(0, 400)).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return line.length <= 60 ? line : `${line.slice(0, 57).replace(/[\ud800-\udbff]$/, '')}...`;
}

/** The same of text that has been no bytes yet: `hash:/etc/ä`. */
export function shownText(text: string): string {
  return shown(bytesOf(text));
}
