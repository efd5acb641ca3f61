/** Owns what a reply means for a name: CNAMEs followed inside it, and the name to ask for next if they lead out of it. */

import type { OwnedRecord, Reply } from './message.ts';
import type { Answer } from './resolver.ts';

/** `elsewhere`: ask for this name, of which the reply says nothing. `failed`: another server may know better. */
export type Conclusion<T> =
  | { readonly kind: 'answer'; readonly answer: Answer<T> }
  | { readonly kind: 'elsewhere'; readonly name: string; readonly ttl: number }
  | { readonly kind: 'failed'; readonly why: string };

/** One behind the other; name servers give up on more, and on those that lead back. */
export const MOST_ALIASES = 16;

/** A host has a few addresses; a list of thousands is an attack on whoever looks them all up. */
const MOST_RECORDS = 100;

/** Bytes of one TXT record; the longest SPF and DKIM records have less than 4096. */
const LONGEST_TEXT = 8192;

const NOERROR = 0;
const NXDOMAIN = 3;

/** RFC 1035 §4.1.1, RFC 2136 §2.2, RFC 6891 §9. */
const RCODES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  9: 'NOTAUTH',
  16: 'BADVERS',
};

export const TOO_MANY_ALIASES = `CNAMEs lead in a circle, or through more than ${MOST_ALIASES} names`;

/** `ttl` in seconds: of the CNAMEs that led to `name`. */
export function conclude<T>(name: string, ttl: number, reply: Reply<T>): Conclusion<T> {
  const { rcode, referral } = reply;
  if (rcode !== NOERROR && rcode !== NXDOMAIN)
    return { kind: 'failed', why: RCODES[rcode] ?? `rcode ${rcode}` };
  if (referral) return { kind: 'failed', why: 'the DNS server looks nothing up for us' };
  const end = follow(name, ttl, reply.aliases);
  if (end === null) return temperror(TOO_MANY_ALIASES);
  const negative = Math.min(end.ttl, reply.negativeTtl ?? 0);
  // RFC 6604 §3: of a chain, the code is that of its last name.
  if (rcode === NXDOMAIN) return { kind: 'answer', answer: { status: 'nxdomain', ttl: negative } };
  const owned = reply.records.filter(({ owner }) => owner === end.name);
  const records = owned
    .map(({ value }) => value)
    .filter(isBearable)
    .slice(0, MOST_RECORDS);
  if (records.length > 0) {
    const ttl = owned.reduce((least, record) => Math.min(least, record.ttl), end.ttl);
    return { kind: 'answer', answer: { status: 'found', records, ttl } };
  }
  const unfinished = end.name !== name && owned.length === 0 && reply.negativeTtl === null;
  if (unfinished) return { kind: 'elsewhere', ...end };
  return { kind: 'answer', answer: { status: 'nodata', ttl: negative } };
}

function temperror(why: string): Conclusion<never> {
  return { kind: 'answer', answer: { status: 'temperror', why } };
}

/** The name at the end of the chain, and the shortest TTL on the way; null: there is no end. */
function follow(
  from: string,
  ttl: number,
  aliases: readonly OwnedRecord<string>[],
): { name: string; ttl: number } | null {
  if (aliases.length === 0) return { name: from, ttl };
  // The first of several: a name has one CNAME or none (RFC 1034 §3.6.2).
  const byOwner = new Map(aliases.toReversed().map((alias) => [alias.owner, alias]));
  let end = { name: from, ttl };
  for (let n = 0; n <= MOST_ALIASES; n++) {
    const alias = byOwner.get(end.name);
    if (alias === undefined) return end;
    end = { name: alias.value, ttl: Math.min(end.ttl, alias.ttl) };
  }
  return null;
}

function isBearable(value: unknown): boolean {
  return typeof value !== 'string' || value.length <= LONGEST_TEXT;
}
