/** Owns what becomes of a decision that comes when the MTA has been answered without it: nothing, and the log does not tell of it. */

import type { Answer } from '../milter/filter.ts';
import type { Decision } from '../policy/verdict.ts';
import type { At } from './gate-parts.ts';

/** What the MTA is told then comes to this. */
export const TOO_LATE: Decision = {
  verdict: { action: 'continue' },
  rule: null,
  reason: 'no decision in time',
};

/** `settle` at once if nothing has to be waited for; `late` in its place when that takes too long (`Filter.late`). */
export function inTime<T>(
  at: At,
  found: T | Promise<T>,
  settle: (found: T) => Answer,
  late: () => void,
): Answer | Promise<Answer> {
  if (!(found instanceof Promise)) return settle(found);
  at.context.late = late;
  return found.then((value) => {
    if (at.context.late !== late) return 'continue';
    at.context.late = null;
    return settle(value);
  });
}
