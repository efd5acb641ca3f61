/** Owns the median: what is told of several runs. */

/** Of an even number, the mean of the middle two. Throws RangeError if there is none. */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError('no median of nothing');
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Field by field. */
export function medians<T extends Readonly<Record<keyof T, number>>>(samples: readonly T[]): T {
  const fields = Object.keys(samples[0] ?? {}) as (keyof T)[];
  return Object.fromEntries(
    fields.map((field) => [field, median(samples.map((sample) => sample[field]))]),
  ) as T;
}
