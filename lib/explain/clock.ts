/** Owns how a time is written: for `at` in a transcript, and for `--at`. */

const DAY_MS = 86_400_000;

/**
 * Milliseconds since 1970 of `12:00:00` or `12:00` on the day that begins at `dayMs`, of `day 3 12:00:00` two days later,
 * or of `2026-11-21T12:00:00` by the clock of this machine (with `Z` or `+01:00` by that). Throws SyntaxError.
 */
export function clockOf(text: string, dayMs: number): number {
  const [, day = '1', hours, minutes, seconds = '0'] =
    /^(?:day (\d{1,5}) )?(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60) {
    const inDay = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return dayMs + (Number(day) - 1) * DAY_MS + inDay;
  }
  const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?$/;
  const ms = ISO.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(ms) || !isDay(text.slice(0, 10)))
    throw new SyntaxError('not a time: write 12:00:00 or 2026-11-21T12:00:00');
  return ms;
}

/** Date.parse() takes the 30th of February for a day in March. */
function isDay(date: string): boolean {
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date);
}

/** Midnight by the clock of this machine. */
export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}
