/** Owns Durations: how long queries took, in a few hundred bytes, however many there were. */

/** Milliseconds: the first ends here, each of the others is a quarter wider than the one before; the last takes the rest. */
const FIRST_MS = 0.25;
const GROWTH = 1.25;
const BUCKETS = 50; // up to 17 s

/** Beyond so many, older ones count half. */
const MOST = 10_000;

export class Durations {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  add(ms: number): void {
    const at = ms <= FIRST_MS ? 0 : Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH));
    const bucket = Math.min(Number.isFinite(at) ? at : BUCKETS - 1, BUCKETS - 1);
    this.#buckets[bucket]!++;
    if (++this.#count > MOST) this.#halve();
  }

  /** Milliseconds in which `share` (0.5: half) of the queries were done, 12 % more or less; null: there was none. */
  quantileMs(share: number): number | null {
    if (this.#count === 0) return null;
    let left = share * this.#count;
    const bucket = this.#buckets.findIndex((count) => (left -= count) <= 0);
    const top = FIRST_MS * GROWTH ** (bucket < 0 ? BUCKETS - 1 : bucket);
    return Number((bucket === 0 ? top : top / Math.sqrt(GROWTH)).toPrecision(2));
  }

  #halve(): void {
    for (let i = 0; i < BUCKETS; i++) this.#buckets[i]! >>= 1;
    this.#count = this.#buckets.reduce((sum, count) => sum + count, 0);
  }
}
