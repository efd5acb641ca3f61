/** Owns Delays: how long triplets were kept waiting, as a distribution that stays small whatever their number. */

/** The upper ends of what is told: 2, 5, 10 and 30 minutes, 1, 2, 6 and 24 hours; then all that is longer. */
const BOUNDS_SECONDS = [120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];

export interface DelayBucket {
  /** Kept waiting less than this; null: as long as it pleased. */
  readonly belowSeconds: number | null;
  readonly triplets: number;
}

export class Delays {
  /** By three leading digits: a median is exact below 1000 s, and within 1 % above. */
  readonly #counts = new Map<number, number>();
  readonly #buckets = Array.from({ length: BOUNDS_SECONDS.length + 1 }, () => 0);
  #triplets = 0;
  #seconds = 0;

  add(seconds: number): void {
    this.#triplets += 1;
    this.#seconds += seconds;
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds < bound);
    this.#buckets[bucket < 0 ? BOUNDS_SECONDS.length : bucket]! += 1;
    let unit = 1;
    while (seconds >= 1000 * unit) unit *= 10;
    const rounded = seconds - (seconds % unit);
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
  }

  get totalSeconds(): number {
    return this.#seconds;
  }

  /** `of`: 0.5 is the median; null: there were none. */
  quantile(of: number): number | null {
    let left = Math.ceil(this.#triplets * of);
    for (const [seconds, triplets] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      left -= triplets;
      if (left <= 0) return seconds;
    }
    return null;
  }

  /** Every bucket, also the empty ones. */
  buckets(): readonly DelayBucket[] {
    return this.#buckets.map((triplets, i) => ({ belowSeconds: BOUNDS_SECONDS[i] ?? null, triplets }));
  }
}
