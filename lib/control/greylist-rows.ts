/** Owns what the service tells of a greylist that it alone can see: rows of its memory, as many as fit in an answer. */

import type { ListedTriplet, ListFilter } from '../greylist/listing.ts';
import type { Standing } from '../greylist/standing.ts';
import type { OpenAnswer } from '../greylist/store.ts';
import type { Origin } from '../greylist/triplet.ts';
import { each, isFields, isNumber, isText } from './field.ts';
import { readFilter, readSubject, STATES } from './greylist-order.ts';

export interface RowsWanted {
  readonly of: 'triplets' | 'standings' | 'answers';
  /** Of triplets and answers. */
  readonly wanted: ListFilter;
}

/** Those that were not asked for are empty. */
export interface GreylistRows {
  readonly triplets: readonly ListedTriplet[];
  readonly standings: readonly Standing[];
  readonly answers: readonly OpenAnswer[];
  /** There are more than these. */
  readonly more: boolean;
}

/** Null: it is none. */
export function readRowsWanted(value: unknown): RowsWanted | null {
  if (!isFields(value)) return null;
  const of = (['triplets', 'standings', 'answers'] as const).find((each) => each === value['of']);
  const wanted = readFilter(value['wanted']);
  return of === undefined || wanted === null ? null : { of, wanted };
}

/** Null: they are none. */
export function readGreylistRows(value: unknown): GreylistRows | null {
  if (!isFields(value) || typeof value['more'] !== 'boolean') return null;
  const triplets = each(value['triplets'], readTriplet);
  const standings = each(value['standings'], readStanding);
  const answers = each(value['answers'], readAnswer);
  if (triplets === null || standings === null || answers === null) return null;
  return { triplets, standings, answers, more: value['more'] };
}

export function readOrigin(value: unknown): Origin | null {
  const subject = readSubject(value);
  return subject === null || subject.kind === 'address' ? null : { kind: subject.kind, value: subject.value };
}

function readTriplet(value: unknown): ListedTriplet | null {
  if (!isFields(value)) return null;
  const { sender, recipient, passed, firstMs, lastMs, tries, delayedSeconds, expiresMs } = value;
  const origins = each(value['origins'], readOrigin);
  const state = STATES.find((known) => known === value['state']);
  if (origins === null || state === undefined || !isText(sender) || !isText(recipient)) return null;
  if (typeof passed !== 'boolean' || !isNumber(firstMs) || !isNumber(lastMs) || !isNumber(tries)) return null;
  if (!isNumber(delayedSeconds) || !isNumber(expiresMs)) return null;
  const { released } = value;
  if (released !== undefined && released !== true) return null;
  const entry = { passed, firstMs, lastMs, tries, delayedSeconds, expiresMs };
  return { origins, sender, recipient, state, ...entry, ...(released ? { released } : {}) };
}

function readStanding(value: unknown): Standing | null {
  const subject = readSubject(value);
  if (subject === null || !isFields(value)) return null;
  const { count, countedMs, granted, allowed, expiresMs } = value;
  if (!isNumber(count) || !isNumber(countedMs) || !isNumber(expiresMs)) return null;
  if (typeof granted !== 'boolean' || typeof allowed !== 'boolean') return null;
  return { ...subject, count, countedMs, granted, allowed, expiresMs };
}

function readAnswer(value: unknown): OpenAnswer | null {
  if (!isFields(value)) return null;
  const { sender, recipient, untilMs } = value;
  return isText(sender) && isText(recipient) && isNumber(untilMs) ? { sender, recipient, untilMs } : null;
}
