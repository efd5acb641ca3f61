/** Owns the check whether a DNS list may decide anything at this moment. */

import type { ListHealth, Standing } from '../lists/list-health.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror, type CheckId, type Finding } from '../policy/finding.ts';
import type { AskedList } from './listing.ts';

export function standingId(zone: string): CheckId {
  return `health of ${zone}`;
}

/** The zone of such an id; null: it is none. */
export function standingOf(id: CheckId): string | null {
  return /^health of (\S+)$/.exec(id)?.[1] ?? null;
}

/** A list that has been out for so long is no reason any more to put off what others say. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** `proven`: a listing counts; temperror: nobody can tell what the list would say; `given_up`: nor for a day. */
export function listStanding(
  { zone, alias, asked }: AskedList,
  health: Pick<ListHealth, 'standing' | 'madness'>,
): Check<'connect', 'proven' | 'given_up'> {
  const finding = (standing: Standing): Finding<'proven' | 'given_up'> => {
    if (standing.proven) return found('proven', { madness: String(health.madness(asked!)) });
    if ((standing.outForMs ?? 0) > GIVEN_UP_AFTER_MS) return found('given_up');
    return temperror(`${alias} is ${standing.state}${standing.why === null ? '' : `: ${standing.why}`}`);
  };
  return {
    id: standingId(zone),
    shown: `health of ${alias}`,
    stage: 'connect',
    results: ['proven', 'given_up'],
    momentary: true,
    run() {
      if (asked === null) return temperror(`there is no key for ${alias}`);
      const standing = health.standing(asked);
      return standing instanceof Promise ? standing.then(finding) : finding(standing);
    },
  };
}
