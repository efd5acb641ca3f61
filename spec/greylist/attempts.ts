/** Owns the attempts and timings of the greylist specs. */

import type { Timings } from '../../lib/greylist/judge.ts';
import type { Attempt, Origin } from '../../lib/greylist/triplet.ts';

export const SECOND = 1000;
export const DAY = 86_400 * SECOND;
export const TIMINGS: Timings = { delayMs: 60 * SECOND, windowMs: 2 * DAY, lifetimeMs: 36 * DAY };

/** The hour at which these specs play. */
export const NOON = Date.UTC(2026, 10, 21, 12);

export function network(value = '192.0.2.0/24'): Origin {
  return { kind: 'network', value };
}

/** The n-th of many attempts that have nothing in common. */
export function attempt(n: number, origins: readonly Origin[] = [network()]): Attempt {
  return { origins, sender: `alice${n}@example.net`, recipient: 'bob@example.org' };
}
