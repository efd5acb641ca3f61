/** Owns the move of one DNS list: dead ones fall away, dangerous ones get the pattern that makes them safe. */

import { deadList, doubtfulList, neededPattern } from './dangerous-lists.ts';
import {
  domainMatches,
  readZone,
  withoutKeys,
  withoutOverQuota,
  writeZone,
  type DnsZone,
} from './dns-zone.ts';
import { stays, type Fate } from './fate.ts';
import type { RblReplies } from './rbl-reply.ts';

/** `word` has its zone in `written`. */
export function judgeDnsList(word: string, written: string | null, replies: RblReplies): Fate {
  if (written === null || written.includes('$')) return stays('it has no zone behind it: Postfix ignores it');
  const permits = word.startsWith('permit_');
  const safe = saferZone(written, permits);
  if (safe.zone === null) return { kind: 'gone', why: safe.notes.join('; ') };
  const { reply, notes } = permits ? { reply: null, notes: [] } : replies.of(word, written, safe.zone.zone);
  return {
    kind: 'rule',
    rule: { text: `${word} ${writeZone(safe.zone)}`, reply },
    permits,
    decides: !permits,
    notes: [...safe.notes, ...notes],
    safer: writeZone(safe.zone) === written ? null : `${word} ${writeZone(safe.zone)}`,
  };
}

export interface SaferZone {
  /** Null: it is to be left out. */
  readonly zone: DnsZone | null;
  readonly notes: readonly string[];
}

/** `written`: `ZONE[=PATTERN][*WEIGHT]`; `permits`: a listing lets in. */
export function saferZone(written: string, permits: boolean): SaferZone {
  const read = readZone(written);
  const dead = deadList(read.zone);
  if (dead !== null) return { zone: null, notes: [`${withoutKeys(read.zone)}: ${dead.why}`] };
  const notes: string[] = [];
  const doubtful = doubtfulList(read.zone);
  if (doubtful !== null) notes.push(`${withoutKeys(read.zone)}: ${doubtful.why}`);
  let { pattern } = read;
  if (pattern === null) {
    const needed = neededPattern(read.zone, permits);
    if (needed !== null) {
      pattern = needed.pattern;
      notes.push(`dangerous as it was: ${needed.why}; made safe by =${needed.pattern}`);
    } else if (permits)
      notes.push(
        'dangerous as it was: without a pattern whatever the zone answers would let in; Postern takes 127.0.0.2 to 127.0.0.254 only',
      );
    return { zone: { ...read, pattern }, notes };
  }
  if (!domainMatches(read.zone, 'list.dnswl.org')) return { zone: read, notes };
  const kept = withoutOverQuota(pattern);
  if (kept === pattern) return { zone: read, notes };
  const why = `=${pattern} takes 127.0.10.x, "high trust" for everybody, which list.dnswl.org tells resolvers over its quota`;
  if (kept === null) return { zone: null, notes: [...notes, why] };
  return {
    zone: { ...read, pattern: kept },
    notes: [...notes, `dangerous as it was: ${why}; made safe by =${kept}`],
  };
}
