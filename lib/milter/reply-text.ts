/** Owns the text of a refusal as the milter protocol wants it: safe, and in lines that no MTA stumbles over. */

import { printable } from '../mail/reply.ts';

/** An SMTP refusal. mail/reply.ts's Reply is one; here the text may have several lines. */
export interface Refusal {
  /** 400–599. */
  readonly code: number;
  /** RFC 3463, of the code's own class: `4.7.1` with 451. */
  readonly status: string;
  /** A list is one entry per line; so is each line of a text. */
  readonly text: string | readonly string[];
}

/** RFC 5321 §4.5.3.1.5: 512 octets with CRLF. libmilter would take longer ones. */
const LINE_OCTETS = 510;
/** smfi_setmlreply. */
const LINES = 32;

/**
 * `{ 451, '4.7.1', ['a', '50 %'] }` → `451-4.7.1 a` CRLF `451 4.7.1 50 %%`. Every line has the same code and status, as
 * new Postfix insists; what is not printable ASCII becomes `?`, what is too long or too much is cut; `%` is doubled,
 * because libmilter's MTAs read the text as a format. Throws RangeError for a code or status that is no refusal.
 */
export function replyText({ code, status, text }: Refusal): string {
  if (!Number.isInteger(code) || code < 400 || code > 599)
    throw new RangeError(`${code} is not a 4xx or 5xx code`);
  if (!/^[45]\.\d{1,3}\.\d{1,3}$/.test(status))
    throw new RangeError('not an enhanced status code of class 4 or 5');
  if (Number(status[0]) !== Math.trunc(code / 100))
    throw new RangeError(`status ${status} in a reply of code ${code}`);
  const lines = typeof text === 'string' ? [text] : text;
  const split = lines
    .flatMap((line) => (/[\r\n]/.test(line) ? line.split(/\r\n|\r|\n/) : line))
    .slice(0, LINES);
  if (split.length === 0) split.push('');
  return split
    .map((line, i) => `${code}${i < split.length - 1 ? '-' : ' '}${status}${tail(line, status)}`)
    .join('\r\n');
}

function tail(line: string, status: string): string {
  const room = LINE_OCTETS - `451 ${status} `.length;
  const doubled = printable(line).replaceAll('%', '%%');
  if (doubled === '') return '';
  if (doubled.length <= room) return ` ${doubled}`;
  const cut = doubled.slice(0, room);
  const percents = cut.length - cut.replace(/%+$/, '').length;
  return ` ${percents % 2 === 0 ? cut : cut.slice(0, -1)}`;
}
