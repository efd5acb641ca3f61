/** Owns which answers of a DNS list are listings: the pattern's or the list's own, and never one of the errors. */

import type { KnownList } from './known-lists.ts';
import { matches, parseListPattern, type ListPattern } from './list-pattern.ts';
import type { ListSite } from './list-site.ts';
import { ownPattern } from './test-entries.ts';

/** What a listing comes to; a negative weight is a permit. */
export type Use = 'refuse' | 'permit';

/** What a listing of a list that we do not know looks like. */
export const USUAL = ownPattern('127.0.0.[2..254]');

/** What Spamhaus and Validity tell whom they do not answer. */
export const REFUSED = ownPattern('127.255.[0..255].[0..255]');

/** What most lists tell whom they refuse; Hostkarma's word for a good sender. */
const REFUSED_TOO = ownPattern('127.0.0.1');

/** Parked zones, and resolvers that answer everything. */
export const OUTSIDE = ownPattern('[0..126;128..255].[0..255].[0..255].[0..255]');

/** Errors and notes: never a listing, never a whitelisting, whatever a rule's pattern says. */
export function errorAnswers(known: Pick<KnownList, 'never'> | null, use: Use): readonly ListPattern[] {
  return [...neverOf(known), ...(use === 'refuse' ? [REFUSED_TOO] : []), REFUSED, OUTSIDE];
}

/** Which of `records` (dotted quads) count for a rule of `site`, of which `known` is known. */
export function listed(
  site: Pick<ListSite, 'pattern'>,
  known: KnownList | null,
  records: readonly string[],
  use: Use,
): readonly string[] {
  const counts = site.pattern ?? ownAnswers(known, use);
  if (counts === null) return [];
  const errors = errorAnswers(known, use);
  return records.filter(
    (record) => matches(counts, record) && !errors.some((error) => matches(error, record)),
  );
}

/** What counts of a list where the rule has no pattern. Null: the list is not for that. */
export function ownAnswers(known: KnownList | null, use: Use): ListPattern | null {
  if (known === null) return USUAL;
  const pattern = known[use];
  return pattern === null ? null : parsed(pattern);
}

export function neverOf(known: Pick<KnownList, 'never'> | null): readonly ListPattern[] {
  return known === null ? [] : known.never.map(parsed);
}

/** The data of lists has a few dozen patterns, each asked for with every answer. */
const PARSED = new Map<string, ListPattern>();
const MOST_PARSED = 5000;

function parsed(text: string): ListPattern {
  const done = PARSED.get(text);
  if (done !== undefined) return done;
  const read = parseListPattern(text);
  if (!read.ok) throw new Error(`${text}: ${read.what}`);
  if (PARSED.size < MOST_PARSED) PARSED.set(text, read.pattern);
  return read.pattern;
}
