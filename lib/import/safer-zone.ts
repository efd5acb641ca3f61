/** Owns what makes an old line with a DNS list safe: dead lists out, patterns that take no error for a listing. */

import { BUNDLED_LISTS, type KnownList } from '../lists/known-lists.ts';
import { parseListPattern } from '../lists/list-pattern.ts';
import { firstInBoth, without } from '../lists/pattern-overlap.ts';
import { readZone, type DnsZone } from './dns-zone.ts';

export interface SaferZone {
  /** Null: it is to be left out. */
  readonly zone: DnsZone | null;
  /** What was dangerous, what is to be known of the list. */
  readonly notes: readonly string[];
}

/** What a list that we do not know says of a listing; its errors lie elsewhere. */
const USUAL = '127.0.0.[2..254]';

/** Spamhaus and others, to resolvers that they refuse. */
const REFUSALS = '127.255.[0..255].[0..255]';

/** `written`: `ZONE[=PATTERN][*WEIGHT]`; `permits`: a listing lets in. */
export function saferZone(written: string, permits: boolean): SaferZone {
  const read = readZone(written);
  const known = BUNDLED_LISTS.find(read.zone.toLowerCase());
  if (known?.state === 'dead') return { zone: null, notes: [deathOf(known)] };
  const notes: string[] = [];
  if (known?.state === 'uncertain')
    notes.push('whether this list still works is not established: it is off until it has passed its test');
  if (known !== null && known.terms !== null) notes.push(`of this list: ${known.terms}`);
  const safe =
    read.pattern === null ? patternFor(known, permits) : withoutErrors(read.pattern, known, permits);
  if (safe.why === null) return { zone: read, notes };
  const danger = `dangerous as it was: ${safe.why}`;
  if (safe.pattern === null) return { zone: null, notes: [...notes, danger] };
  return {
    zone: { ...read, pattern: safe.pattern },
    notes: [...notes, `${danger}; made safe by =${safe.pattern}`],
  };
}

function deathOf({ since, terms }: KnownList): string {
  const dead = since === null ? 'this list is dead' : `this list is dead since ${since}`;
  return terms === null ? dead : `${dead}: ${terms}`;
}

/** `why` null: it can stay as it is; `pattern` null: nothing of it can stay. */
interface Safe {
  readonly pattern: string | null;
  readonly why: string | null;
}

function patternFor(known: KnownList | null, permits: boolean): Safe {
  const why = permits
    ? 'without a pattern its error answers would let everybody in'
    : 'without a pattern its error answers, which resolvers that it refuses get, would refuse everybody';
  if (known === null) return { pattern: USUAL, why };
  const pattern = permits ? known.permit : known.refuse;
  // There is no pattern that is known to be right: Postern's own limits hold.
  return pattern === null ? { pattern: null, why: null } : { pattern, why };
}

function withoutErrors(pattern: string, known: KnownList | null, permits: boolean): Safe {
  const read = parseListPattern(pattern);
  if (!read.ok) return { pattern, why: null };
  const never = [REFUSALS, ...(permits ? [] : ['127.0.0.1']), ...(known?.never ?? [])];
  let rest: typeof read.pattern | null = read.pattern;
  let met: string | null = null;
  for (const text of never) {
    const unwanted = parseListPattern(text);
    if (!unwanted.ok || rest === null) continue;
    met ??= firstInBoth(rest, unwanted.pattern);
    rest = without(rest, unwanted.pattern);
  }
  if (met === null) return { pattern, why: null };
  return {
    pattern: rest?.text ?? null,
    why: `=${pattern} takes ${met}, which is an error or a note, for a listing`,
  };
}
