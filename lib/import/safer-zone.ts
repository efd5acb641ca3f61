/** Owns what makes an old line with a DNS list safe: dead lists out, patterns that take no error for a listing. */

import { BUNDLED_LISTS, type KnownList } from '../lists/known-lists.ts';
import { USUAL, type Use } from '../lists/list-answer.ts';
import { parseListPattern } from '../lists/list-pattern.ts';
import { errorsIn } from '../lists/safe-pattern.ts';
import { readZone, type DnsZone } from './dns-zone.ts';

export interface SaferZone {
  /** Null: it is to be left out. */
  readonly zone: DnsZone | null;
  /** What was dangerous, what is to be known of the list. */
  readonly notes: readonly string[];
}

export interface ZoneUse {
  readonly does: Use;
  readonly asks: 'address' | 'name';
}

/** `written`: `ZONE[=PATTERN][*WEIGHT]`. */
export function saferZone(written: string, use: ZoneUse): SaferZone {
  const read = readZone(written);
  const known = BUNDLED_LISTS.find(read.zone.replace(/\.$/, '').toLowerCase());
  if (known?.state === 'dead') return { zone: null, notes: [deathOf(known)] };
  const notes = known === null ? [untried(use)] : oddities(known, use);
  const safe =
    read.pattern === null ? patternFor(known, use.does) : withoutErrors(read.pattern, known, use.does);
  if (safe.why === null) return { zone: read, notes };
  if (read.pattern === null && safe.pattern === null) return { zone: read, notes: [...notes, safe.why] };
  const danger = `dangerous as it was: ${safe.why}`;
  if (safe.pattern === null) return { zone: null, notes: [...notes, danger] };
  return {
    zone: { ...read, pattern: safe.pattern },
    notes: [...notes, `${danger}; made safe by =${safe.pattern}`],
  };
}

/** Postfix believes a list whatever it says. */
function untried({ does, asks }: ZoneUse): string {
  const tests =
    asks === 'address' ? '127.0.0.2, and not 127.0.0.1' : 'the name test, and not the name invalid';
  return `Postern does not know this list: it decides nothing until it lists ${tests} (RFC 5782), as a list of your own must, too${does === 'permit' ? MEANWHILE : ''}`;
}

/** A whitelist that can't tell might have spared whom others list. */
const MEANWHILE = '; meanwhile those whom a DNS list behind it refuses are told 450';

function oddities({ state, terms, kind }: KnownList, { does, asks }: ZoneUse): string[] {
  const notes: string[] = [];
  if (state === 'uncertain')
    notes.push(
      `whether this list still works is not established: it is off until it has passed its test${does === 'permit' ? MEANWHILE : ''}`,
    );
  if (terms !== null) notes.push(`of this list: ${terms}`);
  if (kind === 'names' && asks === 'address')
    notes.push('this list knows names, not addresses, and lists no client: reject_rhsbl_sender asks it');
  else if (kind !== 'names' && asks === 'name')
    notes.push('this list knows addresses, not names, and lists none: reject_rbl_client asks it');
  else if (does === 'permit' && (kind === 'black' || kind === 'names'))
    notes.push('this list is one of bad senders, and this lets them in');
  else if (does === 'refuse' && kind === 'white')
    notes.push('this list is one of good senders, and this is against them');
  return notes;
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

function patternFor(known: KnownList | null, does: Use): Safe {
  const why =
    does === 'permit'
      ? 'without a pattern its error answers would let everybody in'
      : 'without a pattern its error answers, which resolvers that it refuses get, would refuse everybody';
  if (known === null) return { pattern: USUAL.text, why };
  const pattern = known[does];
  return { pattern, why: pattern === null ? NO_PATTERN : why };
}

const NO_PATTERN =
  'without a pattern it decides nothing, as none is known that would be safe: write the answers that you mean behind its zone';

function withoutErrors(pattern: string, known: KnownList | null, does: Use): Safe {
  const read = parseListPattern(pattern);
  const unsafe = read.ok ? errorsIn(read.pattern, known, does) : null;
  if (unsafe === null) return { pattern, why: null };
  return {
    pattern: unsafe.safe?.text ?? null,
    why: `=${pattern} takes ${unsafe.met}, which is an error or a note, for a listing`,
  };
}
