/** Owns the move of one DNS list: dead ones fall away, dangerous ones get the pattern that makes them safe. */

import { writeZone } from './dns-zone.ts';
import { isWrong, type Fate } from './fate.ts';
import type { RblReplies } from './rbl-reply.ts';
import { saferZone } from './safer-zone.ts';

/** `word` has its zone in `written`. */
export function judgeDnsList(word: string, written: string | null, replies: RblReplies): Fate {
  if (written === null || written.includes('$'))
    return isWrong('it has no zone behind it: Postfix ignores it');
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
