/** Owns the text of a header field on its way to the MTA: folded as milters must, and one field for sure. */

import { toBytes } from './bytes.ts';

/** The name as it stands on the wire. Throws RangeError unless it is an RFC 5322 §3.6.8 field name. */
export function headerName(name: string): string {
  if (!/^[!-9;-~]+$/.test(name)) throw new RangeError('not a header name');
  return name;
}

/**
 * A value whose line ends can only be folds: LF and white space, never CRLF, which Postfix would write as CR CR LF.
 * A line end that would begin a new field becomes a blank, one at the end is dropped, and a NUL becomes `?`.
 * `a` CRLF TAB `b` → `a` LF TAB `b`; `a` LF `X-Evil: b` → `a X-Evil: b`.
 */
export function headerValue(value: string): string {
  let text = value;
  if (/[\r\n]/.test(text)) {
    text = text
      .replace(/[\r\n]+$/, '')
      .replace(/(?:\r\n?|\n)+([ \t])/g, '\n$1')
      .replace(/\r\n?|\n(?![ \t])/g, ' ');
  }
  return toBytes(text.replaceAll('\0', '?'));
}

/** A header value from the wire with each fold as LF, whatever the MTA wrote. `a` CRLF ` b` → `a` LF ` b`. */
export function unfoldedLines(value: string): string {
  return value.replaceAll('\r\n', '\n');
}
