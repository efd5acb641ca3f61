/** Owns what is left of a pattern without the list's errors and notes: all that the list's own pattern has is kept. */

import type { KnownList } from './known-lists.ts';
import { errorAnswers, ownAnswers, type Use } from './list-answer.ts';
import type { ListPattern } from './list-pattern.ts';
import { firstInBoth, without } from './pattern-overlap.ts';

export interface Unsafe {
  /** The first error in it: `127.0.0.1`. */
  readonly met: string;
  /** Null: it is of nothing else. */
  readonly safe: ListPattern | null;
  /** What is best to write: `safe`, or the list's own pattern where it takes pains to keep that; null as `safe`. */
  readonly best: ListPattern | null;
}

/** Null: there is no error in it. */
export function errorsIn(pattern: ListPattern, known: KnownList | null, use: Use): Unsafe | null {
  const own = ownAnswers(known, use);
  const errors = errorAnswers(known, use);
  const met = errors.map((error) => firstInBoth(pattern, error)).find((first) => first !== null);
  if (met === undefined || met === null) return null;
  const safe = withoutAll(pattern, errors, own);
  const plain = withoutAll(pattern, errors, null);
  return { met, safe, best: known === null || plain?.text === safe?.text ? safe : own };
}

function withoutAll(
  pattern: ListPattern,
  errors: readonly ListPattern[],
  dear: ListPattern | null,
): ListPattern | null {
  return errors.reduce<ListPattern | null>(
    (rest, error) => (rest === null ? null : without(rest, error, dear)),
    pattern,
  );
}
