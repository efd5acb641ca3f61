/** Owns `--since`: an age, or a day or time by the clock of this machine. */

import { clockOf, startOfDay } from '../explain/clock.ts';
import { durationAdvice, parseDuration } from '../yaml/duration.ts';
import { shown } from '../yaml/problem.ts';
import { UsageError } from './usage.ts';

/** Below what it narrows. */
export const SINCE_FORMS =
  '                  30m, 12h, 2d ago; 2026-11-22, "2026-11-22 08:00", 08:00 of today (local time)\n';

/** Milliseconds since 1970. Throws UsageError. */
export function readSince(command: string, written: string, nowMs: number): number {
  const wrong = (what: string, instead: string): UsageError =>
    new UsageError(`${command}: --since ${shown(written)}: ${what}; ${instead}`);
  const age = parseDuration(written);
  if (age === 0) throw wrong('that is nothing', 'write 30m, 12h, 2d, or a day: 2026-11-22');
  if (age !== null) return nowMs - age;
  const atMs = momentOf(written, nowMs);
  if (atMs !== null && atMs > nowMs) throw wrong('that is yet to come', 'write a time that is over');
  if (atMs !== null) return atMs;
  if (/[-:]/.test(written))
    throw wrong('there is no such day or time', 'write 2026-11-22, "2026-11-22 08:00", 08:00, or 12h, 2d');
  const { what, instead } = durationAdvice(shown(written));
  throw wrong(what, `${instead}, or a day: 2026-11-22`);
}

/** A day begins at midnight; a time alone is today's. Null: it is none of these. */
function momentOf(written: string, nowMs: number): number | null {
  if (!/^\d/.test(written)) return null;
  try {
    return clockOf(/^\d{4}-\d\d-\d\d$/.test(written) ? `${written}T00:00` : written, startOfDay(nowMs));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
