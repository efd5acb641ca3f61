/** Owns durations as an administrator writes them: `30s`, `5m`, `2h`, `2d`, `1w`, and a plain `0`. */

const milliseconds: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
};

/** Ten years: what is longer was a slip, and would not fit where seconds are kept in 32 bits. */
const longest = 3652 * milliseconds['d']!;

/** In milliseconds; null if it is not a duration. */
export function parseDuration(written: string): number | null {
  if (written === '0') return 0;
  const [, count, unit] = /^(\d{1,10})([smhdw])$/.exec(written) ?? [];
  if (count === undefined || unit === undefined) return null;
  const duration = Number(count) * milliseconds[unit]!;
  return duration <= longest ? duration : null;
}

/** The shortest spelling that is exact: 300000 → `5m`, 90000 → `90s`; weeks are given in days. */
export function formatDuration(duration: number): string {
  if (duration === 0) return '0s';
  for (const unit of ['d', 'h', 'm'])
    if (Number.isInteger(duration / milliseconds[unit]!)) return `${duration / milliseconds[unit]!}${unit}`;
  return `${Math.round(duration / 1000)}s`;
}

/** What is wrong with a duration that does not parse, and how to write it. */
export function durationAdvice(written: string): { what: string; instead: string } {
  if (/^\d+$/.test(written)) {
    const count = Number(written);
    if (count > longest / 1000) return tooLong(written);
    return { what: `${written} has no unit`, instead: `write ${count}s for seconds, ${count}m for minutes` };
  }
  if (/^\d+[smhdw]$/.test(written)) return tooLong(written);
  const meant = meantBy(written);
  const instead = meant === null ? 'write a number and a unit, such as 30s, 5m, 2h or 2d' : `write ${meant}`;
  return { what: `"${written}" is not a duration`, instead };
}

/** With the figure and the unit that were written, where these are a duration: `60S` → 60s, `36 Days` → 36d. */
function meantBy(written: string): string | null {
  const sum = sumOfParts(written);
  if (sum === null) return null;
  const [, count = '', unit = ''] = /^(\d+)\s*([a-z])[a-z]*\s*$/i.exec(written) ?? [];
  const same = `${count}${unit.toLowerCase()}`;
  return parseDuration(same) === sum ? same : formatDuration(sum);
}

function tooLong(written: string): { what: string; instead: string } {
  return { what: `${written} is longer than ten years`, instead: 'write a shorter duration' };
}

/** `1h30m`, `1.5h`, `5 minutes`, `2 Days` → milliseconds; null if that is not what was meant either. */
function sumOfParts(written: string): number | null {
  const part =
    /(\d{1,10}(?:[.,]\d{1,3})?)\s*(w(?:eeks?)?|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\s*/giy;
  let sum = 0;
  while (part.lastIndex < written.length) {
    const [, count, unit] = part.exec(written) ?? [];
    if (count === undefined || unit === undefined) return null;
    sum += Number(count.replace(',', '.')) * milliseconds[unit[0]!.toLowerCase()]!;
  }
  const seconds = Math.round(sum / 1000);
  return seconds > 0 && sum <= longest ? seconds * 1000 : null;
}
