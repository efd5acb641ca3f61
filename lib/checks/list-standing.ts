/** Owns the check whether a DNS list may decide anything at this moment. */

import type { ListKind } from '../lists/announced-list.ts';
import type { ListHealth, Standing } from '../lists/list-health.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror, type CheckId, type Finding } from '../policy/finding.ts';
import { proofKind, type ListSubject } from './list-subject.ts';
import type { AskedList } from './listing.ts';

/** One for all that is asked by addresses, one for all names: a list may be sane for the one and mad for the other. */
export function standingId(subject: ListSubject, zone: string): CheckId {
  return `health of ${zone}${subject === 'client' ? '' : NAMES}`;
}

const NAMES = ' for names';

/** Of what a table's result may name; null: it is no such id. `subject`: any that has this id. */
export function standingOf(id: CheckId): { readonly subject: ListSubject; readonly zone: string } | null {
  const [, zone, names] = /^health of (\S+)( for names)?$/.exec(id) ?? [];
  return zone === undefined ? null : { subject: names === undefined ? 'client' : 'sender', zone };
}

/** A list that has been out for so long is no reason any more to put off what others say. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** `proven`: a listing counts, if it is no older than `madness` (ListHealth); temperror: nobody can tell what the list would say; `given_up`: nor for a day. */
export function listStanding(
  subject: ListSubject,
  { zone, alias, asked }: AskedList,
  health: Pick<ListHealth, 'standing' | 'madness'>,
): Check<'connect', 'proven' | 'given_up'> {
  // Without its key it is announced as it is written.
  const announced = asked ?? zone;
  const finding = (standing: Standing, kind: ListKind): Finding<'proven' | 'given_up'> => {
    if (standing.proven) return found('proven', { madness: String(health.madness(announced, kind)) });
    if ((standing.outForMs ?? 0) > GIVEN_UP_AFTER_MS) return found('given_up');
    return temperror(`${alias} is ${standing.state}${standing.why === null ? '' : `: ${standing.why}`}`);
  };
  return {
    id: standingId(subject, zone),
    shown: standingId(subject, alias),
    stage: 'connect',
    results: ['proven', 'given_up'],
    momentary: true,
    run(session) {
      const kind = proofKind(session, subject);
      const standing = health.standing(announced, kind);
      return standing instanceof Promise
        ? standing.then((known) => finding(known, kind))
        : finding(standing, kind);
    },
  };
}
