/** Owns the text of Authentication-Results (RFC 8601): what was found out about the client and the message. */

import { folded, type Field } from './field.ts';
import { comment, tokenOrQuoted } from './words.ts';

/** `spf=pass smtp.mailfrom=example.org`. */
export interface MethodResult {
  readonly method: 'spf' | 'iprev' | 'dnswl';
  /** Of the method's own words: RFC 8601 §2.7, RFC 8904 §3. */
  readonly result: string;
  /** Why, where the result does not say it; absent: nothing to add. */
  readonly reason?: string;
  readonly properties: readonly Property[];
  /** For people; absent or empty: none. */
  readonly comment?: string;
}

export interface Property {
  readonly name: PropertyName;
  /** Of addresses the domain alone: OpenDMARC finds no alignment in a whole address. */
  readonly value: string;
}

/** RFC 8601 §2.7.2 and §2.7.3, RFC 8904 §3: all that Postern writes. */
export type PropertyName =
  | 'smtp.mailfrom'
  | 'smtp.helo'
  | 'policy.iprev'
  | 'dns.zone'
  | 'policy.ip'
  | 'policy.txt';

/** ASCII always: domains stand in it as A-labels, as they were looked up. Of no result at all there is no field. */
export function authenticationResults(authservId: string, results: readonly MethodResult[]): Field {
  const words = [tokenOrQuoted(authservId)];
  for (const { method, result, reason, properties, comment: remark } of results) {
    // The semicolon stands between results, never behind the last.
    words[words.length - 1] += ';';
    words.push(`${method}=${result}`);
    if (reason !== undefined) words.push(`reason=${tokenOrQuoted(reason)}`);
    for (const { name, value } of properties) words.push(`${name}=${tokenOrQuoted(value)}`);
    words.push(...comment(remark ?? ''));
  }
  return folded('Authentication-Results', words);
}
