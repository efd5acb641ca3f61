/** Owns Order: what an administrator has the greylist do, and what came of it, as both sides of the control socket say it. */

import type { ListFilter, TripletState } from '../greylist/listing.ts';
import type { Subject } from '../greylist/triplet.ts';
import { each, isFields, isMoment, isNumber, isText, type Fields } from './field.ts';

export type Order =
  | { readonly do: 'release' | 'forget'; readonly wanted: ListFilter }
  /** `whom` as it was typed; `untilMs` null: for ever. */
  | { readonly do: 'allow'; readonly whom: string; readonly untilMs: number | null }
  | { readonly do: 'withdraw'; readonly whom: string };

export type Carried =
  | {
      readonly kind: 'done';
      /** Of triplets, or of `subjects`. */
      readonly count: number;
      /** Who may not answer any more, where triplets were forgotten; else 0. */
      readonly answers: number;
      /** Whom an allowance is about, or where what was released came from (the first few); else empty. */
      readonly subjects: readonly Subject[];
      /** Who is not delayed all the same, where an allowance was taken back (the first few); absent: nobody. */
      readonly still?: readonly Subject[];
    }
  /** `refused`: it can't be meant so; `failed`: the store could not. `why` says what to type. */
  | { readonly kind: 'refused' | 'failed'; readonly why: string };

export type Done = Extract<Carried, { kind: 'done' }>;

/** Null: it is none. */
export function readOrder(value: unknown): Order | null {
  if (!isFields(value)) return null;
  const { whom, untilMs } = value;
  switch (value['do']) {
    case 'release':
    case 'forget': {
      const wanted = readFilter(value['wanted']);
      return wanted === null ? null : { do: value['do'], wanted };
    }
    case 'allow':
      return isText(whom) && (untilMs === null || isMoment(untilMs)) ? { do: 'allow', whom, untilMs } : null;
    case 'withdraw':
      return isText(whom) ? { do: 'withdraw', whom } : null;
    default:
      return null;
  }
}

/** Null: it is none. A key that is not known is another version's; without it the filter would be wider than was meant. */
export function readFilter(value: unknown): ListFilter | null {
  if (!isFields(value)) return null;
  const { state, sinceMs, ...texts } = value;
  const known = STATES.find((each) => each === state);
  if ((state !== undefined && known === undefined) || (sinceMs !== undefined && !isMoment(sinceMs)))
    return null;
  if (!areTexts(texts)) return null;
  return {
    ...texts,
    ...(known === undefined ? {} : { state: known }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

export const STATES: readonly TripletState[] = ['waiting', 'passed', 'expired'];
const TEXTS: readonly string[] = ['origin', 'sender', 'recipient', 'address'];

function areTexts(fields: Fields): fields is Omit<ListFilter, 'state' | 'sinceMs'> & Fields {
  return Object.entries(fields).every(([key, value]) => TEXTS.includes(key) && isText(value));
}

/** Null: it is none. */
export function readCarried(value: unknown): Carried | null {
  if (!isFields(value)) return null;
  const { kind, count, answers, subjects, why } = value;
  if (kind === 'refused' || kind === 'failed') return isText(why) ? { kind, why } : null;
  if (kind !== 'done' || !isNumber(count) || !isNumber(answers)) return null;
  const read = each(subjects, readSubject);
  const still = each(value['still'] ?? [], readSubject);
  if (read === null || still === null) return null;
  return { kind, count, answers, subjects: read, ...(still.length === 0 ? {} : { still }) };
}

export function readSubject(value: unknown): Subject | null {
  if (!isFields(value) || !isText(value['value'])) return null;
  const kind = (['address', 'network', 'ptr', 'spf'] as const).find((each) => each === value['kind']);
  return kind === undefined ? null : { kind, value: value['value'] };
}
