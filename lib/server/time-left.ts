/** Owns how much of the time for one answer is left to those who come later in it. */

import type { Driving } from '../policy/asking.ts';

/** `sinceMs`: when the MTA asked, by performance.now(). Recipients in turns, and what is asked one after the other, share one answer. */
export function timeLeft<D extends Driving>(driving: D, sinceMs: number): D {
  return { ...driving, deadlineMs: Math.max(0, driving.deadlineMs - (performance.now() - sinceMs)) };
}
