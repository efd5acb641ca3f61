/** Owns figures: what greylisting did, and what it cost whom, from its triplets and its counts by day. */

import { COUNTED, dayOf, providerIn, type DayCounts, type Named } from './counts.ts';
import { spelledBy } from './former-spelling.ts';
import { Delays, type DelayBucket } from './delays.ts';
import type { ListedTriplet } from './listing.ts';
import { SOFT_FIRST, type Origin } from './triplet.ts';

/** Of the triplets that have this origin; one that has several counts for each of them. */
export interface OriginFigures extends Origin {
  readonly triplets: number;
  readonly passed: number;
  /** Tried once, and has not come back. */
  readonly once: number;
  /** All that its triplets were kept waiting, together. */
  readonly delaySeconds: number;
  /** Null: none of them had to wait. */
  readonly medianDelaySeconds: number | null;
}

export interface Figures {
  readonly triplets: number;
  readonly waiting: number;
  readonly passed: number;
  /** Of these, let in by an administrator and not come since. */
  readonly released: number;
  readonly expired: number;
  readonly once: number;
  /** Imported ones that are there a second time, as another greylister spelled their sender. */
  readonly respelled: number;
  /** Of those that had to wait and have passed. */
  readonly delays: readonly DelayBucket[];
  readonly medianDelaySeconds: number | null;
  readonly p95DelaySeconds: number | null;
  /** Those with the most triplets, and those that were kept waiting the longest in all. */
  readonly busiest: readonly OriginFigures[];
  readonly costliest: readonly OriginFigures[];
}

const MOST_SHOWN = 10;
/** A botnet has more networks than anybody wants to see: those with the fewest triplets are not counted further. */
const MOST_ORIGINS = 100_000;

interface Tally {
  readonly origin: Origin;
  triplets: number;
  passed: number;
  once: number;
  readonly delays: Delays;
}

/** Of the triplets that were first seen at or after `sinceMs`. Walks over all of them, and keeps a bounded number of counts. */
export async function figuresOf(rows: AsyncIterable<ListedTriplet>, sinceMs: number): Promise<Figures> {
  const states = { waiting: 0, passed: 0, expired: 0 };
  const delays = new Delays();
  const origins = new Map<string, Tally>();
  let [released, once, respelled] = [0, 0, 0];
  for await (const row of rows) {
    if (row.firstMs < sinceMs || row.sender === SOFT_FIRST) continue;
    states[row.state]++;
    if (row.released && row.state === 'passed') released++;
    const isOnce = !row.passed && row.tries === 1;
    if (isOnce) once++;
    if (spelledBy(row.sender) !== null) respelled++;
    if (row.delayedSeconds > 0) delays.add(row.delayedSeconds);
    for (const origin of row.origins) {
      const tally = tallyOf(origins, origin);
      tally.triplets++;
      if (row.passed) tally.passed++;
      if (isOnce) tally.once++;
      if (row.delayedSeconds > 0) tally.delays.add(row.delayedSeconds);
    }
  }
  const all = [...origins.values()];
  return {
    triplets: states.waiting + states.passed + states.expired,
    ...states,
    released,
    once,
    respelled,
    delays: delays.buckets(),
    medianDelaySeconds: delays.quantile(0.5),
    p95DelaySeconds: delays.quantile(0.95),
    busiest: firstOf(all, ({ triplets }) => triplets),
    costliest: firstOf(all, (tally) => tally.delays.totalSeconds),
  };
}

function tallyOf(origins: Map<string, Tally>, origin: Origin): Tally {
  const name = origin.kind + origin.value;
  let tally = origins.get(name);
  if (tally === undefined) {
    if (origins.size >= MOST_ORIGINS) thin(origins);
    tally = { origin, triplets: 0, passed: 0, once: 0, delays: new Delays() };
    origins.set(name, tally);
  }
  return tally;
}

/** Keeps the half with the most triplets. */
function thin(origins: Map<string, Tally>): void {
  const kept = [...origins].toSorted(([, a], [, b]) => b.triplets - a.triplets).slice(0, MOST_ORIGINS / 2);
  origins.clear();
  for (const [name, tally] of kept) origins.set(name, tally);
}

function firstOf(all: readonly Tally[], by: (tally: Tally) => number): OriginFigures[] {
  return all
    .filter((tally) => by(tally) > 0)
    .toSorted((a, b) => by(b) - by(a))
    .slice(0, MOST_SHOWN)
    .map(({ origin, triplets, passed, once, delays }) => ({
      ...origin,
      triplets,
      passed,
      once,
      delaySeconds: delays.totalSeconds,
      medianDelaySeconds: delays.quantile(0.5),
    }));
}

export interface Sums extends Readonly<Record<Named, number>> {
  /** How often each was spared. */
  readonly providers: Readonly<Record<string, number>>;
}

const NOTHING: Readonly<Record<Named, number>> = {
  ...{ new: 0, early: 0, passed: 0, capped: 0, known: 0, allowed: 0, answered: 0, provider: 0 },
  ...{ 'never-returned': 0, released: 0 },
};

/** Of the last days (UTC), today included; null: of all that are remembered. */
export function sumsOf(counts: readonly DayCounts[], days: number | null, nowMs: number): Sums {
  const from = days === null ? -Infinity : dayOf(nowMs) - days + 1;
  const sums: Record<Named, number> = { ...NOTHING };
  const providers = new Map<string, number>();
  for (const { day, counts: counted } of counts) {
    if (day < from) continue;
    for (const what of COUNTED) sums[what] += counted[what] ?? 0;
    for (const [what, times] of Object.entries(counted)) {
      const provider = providerIn(what);
      if (provider !== null) providers.set(provider, (providers.get(provider) ?? 0) + (times ?? 0));
    }
  }
  return { ...sums, providers: Object.fromEntries(providers) };
}
