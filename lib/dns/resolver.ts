/** Owns Resolver: what we ask of the DNS, and Answer: what came of it, failures included. */

import { asciiDomain } from '../mail/domain.ts';

/**
 * `nxdomain`: no such name; `nodata`: a name without records of this type. `ttl` in seconds. `why` is for the log, in
 * the words of whoever noticed: `SERVFAIL`, `no answer within 5000 ms`. `remembered`: nobody was asked for it now.
 */
export type Answer<T> =
  | {
      readonly status: 'found';
      readonly records: readonly T[];
      readonly ttl: number;
      readonly remembered?: true;
    }
  | { readonly status: 'nxdomain' | 'nodata'; readonly ttl: number; readonly remembered?: true }
  | { readonly status: 'temperror'; readonly why: string };

export interface Mx {
  readonly preference: number;
  /** A name as the DNS has it, in lower case, perhaps no host name at all; empty: the null MX (RFC 7505). */
  readonly exchange: string;
}

/**
 * Names are without a trailing dot; of what is not ASCII the A-labels are asked for, and what can't be a name in the DNS is
 * `nxdomain` without a query. CNAMEs are followed. A lookup always fulfils, in bounded time; when `signal` aborts, at once. `found` has at least one record.
 */
export interface Resolver {
  /** Asks the DNS each time; absent: so does this one. */
  readonly fresh?: Resolver;
  /** For what is asked of DNS lists: nobody waits there behind names that clients made up. Absent: there is one row for all. */
  readonly lists?: Resolver;
  a(name: string, signal: AbortSignal): Promise<Answer<string>>;
  aaaa(name: string, signal: AbortSignal): Promise<Answer<string>>;
  mx(name: string, signal: AbortSignal): Promise<Answer<Mx>>;
  /** `name` is the reverse name: `1.2.0.192.in-addr.arpa`. */
  ptr(name: string, signal: AbortSignal): Promise<Answer<string>>;
  /** One string per record, its parts joined without a blank (RFC 7208 §3.3); a character is a byte. */
  txt(name: string, signal: AbortSignal): Promise<Answer<string>>;
}

/** Of a lookup that goes on whoever waits; not worth a listener. */
export const NEVER: AbortSignal = new AbortController().signal;

/** Of an answer that is not waited for. */
export const ABORTED = { status: 'temperror', why: 'nobody waited for the answer' } as const;

/** Seconds that a name is not there which can't be one. */
export const NO_NAME_TTL = 3600;

/**
 * What the DNS is asked for: `bücher.example` → `xn--bcher-kva.example`, ASCII as it is. Null: the DNS can't carry it:
 * labels of 1 to 63 bytes, 253 in all, printable ASCII that nobody escapes, blanks among it (`%_` of SPF makes some).
 */
export function queryName(name: string): string | null {
  const ascii = /[^\0-\x7f]/.test(name) ? asciiDomain(name) : name;
  return ascii !== null && ascii.length <= 253 && CARRIED.test(ascii) ? ascii : null;
}

const LABEL = String.raw`[ -\-/-[\]-~]{1,63}`;
const CARRIED = new RegExp(String.raw`^${LABEL}(?:\.${LABEL})*$`);
