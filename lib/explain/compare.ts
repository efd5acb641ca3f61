/** Owns comparing what was heard with what a transcript expects. */

import type { Heard } from './smtp-session.ts';
import type { Exchange } from './transcript.ts';

/**
 * What differs, one a line; empty: nothing. `H:` lines are what is done to the message, header fields last; `H: deleteRecipient`
 * without an address is any. `anyName`: what a header calls this machine is a guess, so it counts for nothing. A
 * header's date never does: that of X-Greylist is in the time zone of whoever plays it.
 */
export function differences(heard: Heard, { reply, headers }: Exchange, anyName: boolean): string[] {
  const differs: string[] = [];
  if (heard.reply !== reply)
    differs.push(reply === null ? 'expected to be let through' : `expected S: ${reply}`);
  const done = [...heard.changes, ...heard.headers];
  const agrees =
    headers.length === done.length && headers.every((field, i) => fits(done[i]!, field, anyName));
  if (agrees) return differs;
  if (headers.length === 0) return [...differs, `expected no H: ${done.join(', ')}`];
  return [...differs, ...headers.map((field) => `expected H: ${field}`)];
}

function fits(done: string, expected: string, anyName: boolean): boolean {
  if (/^[A-Za-z]+$/.test(expected)) return done.split(' ')[0] === expected;
  const plain = (field: string): string => {
    const undated = field.replace(DATE, '');
    return anyName ? undated.replace(NAME, '') : undated;
  };
  return plain(done) === plain(expected);
}

const DATE = /(?<=^X-Greylist: .*); .*$/;
/** In the fields that Postern adds. */
const NAME =
  /(?<=^X-Greylist: .* at )\S+$|(?<=^(?:Authentication-Results|X-DNSBL-Result): )[^;]*|(?<=^Received-SPF: .*(?:receiver=|\())[^;:]*/g;
