/** Owns Histogram: how long things took, to within 1.6 %, in a few kilobytes. */

const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;
/** Up to 2^32 µs, over an hour. */
const BUCKETS = (32 - SUB_BITS + 1) * SUB;

/** In whole microseconds; 64 linear buckets per power of two. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  count = 0;
  maxUs = 0;

  add(us: number): void {
    const value = Math.round(us);
    this.#counts[bucketOf(value)]! += 1;
    this.count += 1;
    if (value > this.maxUs) this.maxUs = value;
  }

  /** `share` 0.99: as long or shorter took 99 %. 0 if nothing was added. */
  quantile(share: number): number {
    const wanted = this.count * share;
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted && count > 0) return Math.min(middleOf(bucket), this.maxUs);
    }
    return this.maxUs;
  }
}

function bucketOf(value: number): number {
  if (value < SUB) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return (shift + 1) * SUB + ((value >>> shift) & (SUB - 1));
}

function middleOf(bucket: number): number {
  if (bucket < SUB) return bucket;
  const shift = Math.floor(bucket / SUB) - 1;
  return (SUB + (bucket % SUB) + 0.5) * 2 ** shift;
}
