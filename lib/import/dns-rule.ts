/** Owns the move of one DNS list: dead ones fall away, dangerous ones get the pattern that makes them safe. */

import { writeZone } from './dns-zone.ts';
import { isWrong, stays, type Fate } from './fate.ts';
import type { RblReplies } from './rbl-reply.ts';
import type { ListedRestriction } from './restriction-list.ts';
import { saferZone } from './safer-zone.ts';
import { KEY_ASTRAY, type ZoneKeys } from './zone-keys.ts';

export function judgeDnsList(
  { word, argument, line }: Pick<ListedRestriction, 'word' | 'argument' | 'line'>,
  replies: RblReplies,
  keys: ZoneKeys,
): Fate {
  if (argument === null || argument.includes('$'))
    return isWrong('it has no zone behind it: Postfix ignores it');
  const permits = word.startsWith('permit_');
  const asks = /^(?:reject_rbl_client|permit_dnswl_client)$/.test(word) ? 'address' : 'name';
  const { zone: safe, notes: said } = saferZone(argument, { does: permits ? 'permit' : 'refuse', asks });
  if (safe === null) return { kind: 'gone', why: said.join('; ') };
  const zone = keys.named(safe.zone, line);
  if (zone === null) return stays(KEY_ASTRAY, permits);
  const { reply, notes } = permits ? { reply: null, notes: [] } : replies.of(word, argument, safe.zone);
  return {
    kind: 'rule',
    rule: { text: `${word} ${writeZone({ ...safe, zone })}`, reply },
    permits,
    decides: !permits,
    notes: [...said, ...notes],
    safer: writeZone(safe) === argument ? null : `${word} ${writeZone(safe)}`,
  };
}
