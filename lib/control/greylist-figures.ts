/** Owns GreylistFigures: what `postern greylist stats` shows, as the service tells it of a greylist in its memory. */

import { isCounted, type DayCounts } from '../greylist/counts.ts';
import type { DelayBucket } from '../greylist/delays.ts';
import type { Figures, OriginFigures } from '../greylist/figures.ts';
import type { Stats } from '../greylist/listing.ts';
import { each, isFields, isNumber, isNumberOrNull, type Fields } from './field.ts';
import { readOrigin } from './greylist-rows.ts';

export interface GreylistFigures {
  readonly figures: Figures;
  /** Of the whole store, whatever time the figures are of. */
  readonly stats: Stats;
  readonly days: readonly DayCounts[];
}

/** Null: they are none. */
export function readGreylistFigures(value: unknown): GreylistFigures | null {
  if (!isFields(value)) return null;
  const figures = readFigures(value['figures']);
  const stats = readStats(value['stats']);
  const days = each(value['days'], readDay);
  return figures === null || stats === null || days === null ? null : { figures, stats, days };
}

function readFigures(value: unknown): Figures | null {
  if (!isFields(value)) return null;
  const states = readStates(value);
  const { released, once, respelled, medianDelaySeconds, p95DelaySeconds } = value;
  const delays = each(value['delays'], readBucket);
  const busiest = each(value['busiest'], readOriginFigures);
  const costliest = each(value['costliest'], readOriginFigures);
  if (
    states === null ||
    !isNumber(released) ||
    !isNumber(once) ||
    !isNumber(respelled) ||
    delays === null ||
    busiest === null ||
    costliest === null
  )
    return null;
  if (!isNumberOrNull(medianDelaySeconds) || !isNumberOrNull(p95DelaySeconds)) return null;
  return {
    ...states,
    released,
    once,
    respelled,
    delays,
    medianDelaySeconds,
    p95DelaySeconds,
    busiest,
    costliest,
  };
}

function readStats(value: unknown): Stats | null {
  if (!isFields(value)) return null;
  const states = readStates(value);
  const { oldestMs, newestMs, bytes } = value;
  if (states === null || !isNumberOrNull(oldestMs) || !isNumberOrNull(newestMs) || !isNumberOrNull(bytes))
    return null;
  return { ...states, oldestMs, newestMs, bytes };
}

function readStates({ triplets, waiting, passed, expired }: Fields) {
  if (!isNumber(triplets) || !isNumber(waiting) || !isNumber(passed) || !isNumber(expired)) return null;
  return { triplets, waiting, passed, expired };
}

function readBucket(value: unknown): DelayBucket | null {
  if (!isFields(value)) return null;
  const { belowSeconds, triplets } = value;
  return isNumberOrNull(belowSeconds) && isNumber(triplets) ? { belowSeconds, triplets } : null;
}

function readOriginFigures(value: unknown): OriginFigures | null {
  const origin = readOrigin(value);
  if (origin === null || !isFields(value)) return null;
  const { triplets, passed, once, delaySeconds, medianDelaySeconds } = value;
  if (!isNumber(triplets) || !isNumber(passed) || !isNumber(once)) return null;
  if (!isNumber(delaySeconds) || !isNumberOrNull(medianDelaySeconds)) return null;
  return { ...origin, triplets, passed, once, delaySeconds, medianDelaySeconds };
}

/** Each provider is counted by himself. */
const MOST_COUNTS = 20_000;

/** What another version counts besides is left out. */
export function readDay(value: unknown): DayCounts | null {
  if (!isFields(value) || !isNumber(value['day']) || !isFields(value['counts'])) return null;
  const known = Object.entries(value['counts'])
    .slice(0, MOST_COUNTS)
    .flatMap(([what, times]) => (isCounted(what) && isNumber(times) ? [[what, times] as const] : []));
  return { day: value['day'], counts: Object.fromEntries(known) };
}
