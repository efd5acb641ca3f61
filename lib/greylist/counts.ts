/** Owns counts: what greylisting did, by day, as every store keeps it. */

import type { Judgement } from './judge.ts';
import { SOFT_FIRST, type Attempt } from './triplet.ts';

/** `never-returned`: triplets that were past their time and had not passed; `released`: by whom they were, not when they came. */
export const COUNTED = [
  'new',
  'early',
  'passed',
  'capped',
  'known',
  'allowed',
  'answered',
  'provider',
  'never-returned',
  'released',
] as const satisfies readonly (Judgement['outcome'] | 'never-returned' | 'released')[];

export type Named = (typeof COUNTED)[number];
/** Of providers by their names too. */
export type Counted = Named | `provider ${string}`;

export function countedAs(
  { outcome }: Judgement,
  { sender, proof }: Pick<Attempt, 'sender' | 'proof'>,
): readonly Counted[] {
  if (outcome === 'unseen' || sender === SOFT_FIRST) return [];
  // It has waited as others that pass, if not the whole delay; whose hand it was is counted when he releases it.
  if (outcome === 'released') return ['passed'];
  return outcome === 'provider' ? ['provider', `provider ${proof?.provider ?? ''}`] : [outcome];
}

/** Of one day (UTC), days since 1970. */
export interface DayCounts {
  readonly day: number;
  readonly counts: Readonly<Partial<Record<Counted, number>>>;
}

export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / 86_400_000);
}

/** Counts that are still to be written, or all of them where nothing is written. */
export class Counts {
  readonly #days = new Map<number, Map<Counted, number>>();

  get size(): number {
    return this.#days.size;
  }

  add(what: Counted, nowMs: number, times = 1): void {
    const day = dayOf(nowMs);
    let counts = this.#days.get(day);
    if (counts === undefined) {
      counts = new Map();
      this.#days.set(day, counts);
      // A clock that jumps about must not fill the memory.
      if (this.#days.size > MOST_DAYS) this.#days.delete(this.#days.keys().next().value!);
    }
    counts.set(what, (counts.get(what) ?? 0) + times);
  }

  *entries(): Generator<readonly [day: number, what: Counted, times: number]> {
    for (const [day, counts] of this.#days) for (const [what, times] of counts) yield [day, what, times];
  }

  clear(): void {
    this.#days.clear();
  }
}

export const MOST_DAYS = 400;

/** In the order of the days. */
export function byDay(rows: Iterable<readonly [day: number, what: string, times: number]>): DayCounts[] {
  const days = new Map<number, Partial<Record<Counted, number>>>();
  for (const [day, what, times] of rows) {
    const name = isCounted(what) ? what : null;
    if (name === null) continue;
    const counts = days.get(day) ?? {};
    counts[name] = (counts[name] ?? 0) + times;
    days.set(day, counts);
  }
  return [...days].map(([day, counts]) => ({ day, counts })).toSorted((a, b) => a.day - b.day);
}

/** The provider that a count is of; null: it is none of a provider. */
export function providerIn(what: string): string | null {
  return what.startsWith(PROVIDER) ? what.slice(PROVIDER.length) : null;
}

const PROVIDER = 'provider ';

/** A later version may have written others. */
export function isCounted(what: string): what is Counted {
  return providerIn(what) !== null || COUNTED.some((each) => each === what);
}
