/** Owns which identities are whose, so that a new triplet is new to every store of the bench. */

let next = 0;

/** The first of `count` identities that nobody has seen. */
export function unused(count: number): number {
  const first = next;
  next += count;
  if (next > KNOWN) throw new RangeError('the bench has run out of new identities');
  return first;
}

/** The identities that have passed, in every Postern that needs some. */
export const KNOWN = 1_000_000_000;
export const KNOWN_COUNT = 1000;
/** Those that a store was filled with before it was measured. */
export const STORED = 2_000_000_000;
