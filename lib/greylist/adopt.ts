/** Owns adoption: what a store makes of a triplet or standing that another greylister has known. Pure. */

import { alive, type Entry, type Timings } from './judge.ts';
import { keysOf, standingKey } from './key.ts';
import type { Standing } from './standing.ts';
import type { Attempt, Subject } from './triplet.ts';
import type { Ledger, TripletWrite } from './weigh.ts';

/** Times in ms since the epoch, by another program's clock. */
export type Adoption =
  | (Pick<Attempt, 'origins' | 'sender' | 'recipient'> & {
      readonly kind: 'triplet';
      readonly passed: boolean;
      readonly firstMs: number;
      /** Its last use, or last try. */
      readonly lastMs: number;
    })
  | {
      readonly kind: 'standing';
      readonly subject: Subject;
      /** Triplets that have passed. */
      readonly count: number;
      /** It was not delayed any more. */
      readonly allowed: boolean;
      readonly lastMs: number;
    };

/** `stale`: past its time · `there`: the store knew as much already. */
export const ADOPTION_OUTCOMES = ['adopted', 'there', 'stale'] as const;
export type AdoptionOutcome = (typeof ADOPTION_OUTCOMES)[number];

/** How many of each. */
export type AdoptionCounts = Readonly<Record<AdoptionOutcome, number>>;

export interface Adopting<R> {
  readonly outcome: AdoptionOutcome;
  /** What is to be written; null: nothing. */
  readonly triplet: TripletWrite<R> | null;
  readonly standing: Standing | null;
}

/** Before any of a batch is written. Throws RangeError. */
export function mustHaveOrigins(adoptions: readonly Adoption[]): void {
  for (const adoption of adoptions)
    if (adoption.kind === 'triplet' && adoption.origins.length === 0)
      throw new RangeError('a triplet needs at least one origin');
}

/**
 * What is there and good for more is never made worse, so that to adopt twice changes nothing.
 */
export function adopting<R>(
  ledger: Ledger<R>,
  adoption: Adoption,
  nowMs: number,
  timings: Timings,
): Adopting<R> {
  if (adoption.kind === 'standing') return adoptStanding(ledger, adoption, nowMs, timings);
  const entry = entryOf(adoption, nowMs, timings);
  if (entry === null) return { outcome: 'stale', triplet: null, standing: null };
  const keys = keysOf(adoption);
  const seen = keys.map((key) => ledger.triplet(key));
  const at = alive(
    seen.map((each) => each?.entry),
    nowMs,
    timings,
  );
  const before = at === null ? null : seen[at]!;
  const merged = before === null ? entry : better(before.entry, entry);
  const linked = before !== null && seen.every((each) => each?.row === before.row);
  if (before !== null && merged === before.entry && linked)
    return { outcome: 'there', triplet: null, standing: null };
  const triplet = { entry: merged, row: before?.row ?? null, keys, linked, leads: null };
  return { outcome: 'adopted', triplet, standing: null };
}

/** Null: past its time. No clock is trusted: nothing lives longer than if it had been used just now. */
function entryOf(
  adoption: Extract<Adoption, { kind: 'triplet' }>,
  nowMs: number,
  { windowMs, lifetimeMs }: Timings,
): Entry | null {
  const { passed } = adoption;
  const firstMs = Math.min(adoption.firstMs, nowMs);
  const lastMs = Math.max(firstMs, secondDown(Math.min(adoption.lastMs, nowMs)));
  const endsMs = passed ? lastMs + lifetimeMs : firstMs + windowMs;
  if (endsMs < nowMs) return null;
  // How often it was tried, nobody has counted.
  const tries = lastMs > firstMs ? 2 : 1;
  return { firstMs, lastMs, tries, passed, delayedSeconds: 0, expiresMs: Math.ceil(endsMs / 1000) * 1000 };
}

/** `before` itself, if `adopted` adds nothing to it. */
function better(before: Entry, adopted: Entry): Entry {
  if (before.passed && !adopted.passed) return before;
  if (before.passed !== adopted.passed)
    return {
      ...adopted,
      firstMs: Math.min(before.firstMs, adopted.firstMs),
      tries: Math.max(before.tries, adopted.tries),
    };
  const isLonger = adopted.passed ? adopted.expiresMs > before.expiresMs : adopted.firstMs < before.firstMs;
  if (!isLonger) return before;
  return {
    ...before,
    firstMs: Math.min(before.firstMs, adopted.firstMs),
    lastMs: Math.max(before.lastMs, adopted.lastMs),
    expiresMs: adopted.expiresMs,
  };
}

/** One that an administrator has granted stays as he wanted it. */
function adoptStanding<R>(
  ledger: Ledger<R>,
  { subject, count, allowed, lastMs }: Extract<Adoption, { kind: 'standing' }>,
  nowMs: number,
  { lifetimeMs, allowAfter = 0 }: Timings,
): Adopting<R> {
  const countedMs = secondDown(Math.min(lastMs, nowMs));
  const expiresMs = secondDown(countedMs + lifetimeMs);
  if (expiresMs < nowMs) return { outcome: 'stale', triplet: null, standing: null };
  const found = ledger.standing(standingKey(subject));
  const before = found !== undefined && found.expiresMs >= nowMs ? found : null;
  const standing = {
    kind: subject.kind,
    value: subject.value,
    count: Math.max(count, before?.count ?? 0),
    countedMs: Math.max(countedMs, before?.countedMs ?? 0),
    granted: false,
    allowed: allowed || (allowAfter > 0 && count >= allowAfter) || before?.allowed === true,
    expiresMs: Math.max(expiresMs, before?.expiresMs ?? 0),
  };
  const isThere =
    before !== null &&
    (before.granted ||
      (standing.count === before.count &&
        standing.allowed === before.allowed &&
        standing.expiresMs === before.expiresMs));
  return isThere
    ? { outcome: 'there', triplet: null, standing: null }
    : { outcome: 'adopted', triplet: null, standing };
}

function secondDown(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
