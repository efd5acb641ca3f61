/** Owns the text of X-DNSBL-Result: what the DNS lists that were asked said of the client, and of the names he gave. */

import { folded, type Field } from './field.ts';
import { plain } from './words.ts';

/** What one list said. */
export interface ListSaid {
  /** What the list may be called: never a key. */
  readonly alias: string;
  /** `unknown`: it failed, is out, or said something that is no answer. Else its A records, at least one. */
  readonly said: 'none' | 'unknown' | readonly string[];
}

/** What the lists were asked about. `client`: his verified name, `ptr`: the one that nobody has verified. */
export interface ListedSubject {
  readonly subject: 'ip' | 'client' | 'ptr' | 'helo' | 'sender';
  /** An address, or a domain in ASCII. */
  readonly value: string;
  readonly lists: readonly ListSaid[];
}

/** So many lists and records are more than anybody asks or answers. */
const MOST_LISTS = 60;
const MOST_RECORDS = 16;

/**
 * `mx.example.org; ip=192.0.2.3; zen.spamhaus.org=127.0.0.2,127.0.0.4; list.dnswl.org=none; sender=example.net;
 * dbl.spamhaus.org=unknown; score=3`: each list stands behind what it was asked about. `score`: the sum of the policy's
 * weights; null: there are none, or it is not known.
 */
export function dnsblResult(
  authservId: string,
  subjects: readonly ListedSubject[],
  score: number | null,
): Field {
  const parts = [bare(authservId)];
  let left = MOST_LISTS;
  for (const { subject, value, lists } of subjects) {
    const shown = lists.slice(0, left);
    left -= shown.length;
    if (shown.length > 0) parts.push(`${subject}=${bare(value)}`, ...shown.map(said));
  }
  if (score !== null) parts.push(`score=${score}`);
  return folded(
    'X-DNSBL-Result',
    parts.map((part, i) => (i === parts.length - 1 ? part : `${part};`)),
  );
}

function said({ alias, said: answer }: ListSaid): string {
  return `${bare(alias)}=${typeof answer === 'string' ? answer : answer.slice(0, MOST_RECORDS).map(bare).join(',')}`;
}

/** One word of this field, whatever it is made of. */
function bare(text: string): string {
  return plain(text).replace(/[\s;=,]/g, '?');
}
