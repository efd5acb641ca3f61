/** Owns what two patterns have in common, and a pattern without what it should not match. */

import { patternOf, type ListPattern, type Octets, type Ranges } from './list-pattern.ts';

/** The lowest address that both match: `127.0.10.2`; null: there is none. */
export function firstInBoth(a: ListPattern, b: ListPattern): string | null {
  const lowest = a.octets.map((ranges, i) => inBoth(ranges, b.octets[i]!)[0]?.[0]);
  return lowest.includes(undefined) ? null : lowest.join('.');
}

/**
 * `127.0.[0..255].[2..3]` without `127.0.10.[0..255]` → `127.0.[0..9;11..255].[2..3]`: the part in which least is lost,
 * and nothing of what `dear` has too, if that is without `unwanted`: `127.0.[0..255].[0..255]` without `127.0.0.1` →
 * `127.0.[0..255].[0;2..255]` where `127.0.0.[2..11]` is dear. Null: nothing would be left.
 */
export function without(
  pattern: ListPattern,
  unwanted: ListPattern,
  dear: ListPattern | null = null,
): ListPattern | null {
  if (firstInBoth(pattern, unwanted) === null) return pattern;
  const kept = dear === null || firstInBoth(pattern, dear) === null ? null : dear;
  return (kept === null ? null : cut(pattern, unwanted, kept)) ?? cut(pattern, unwanted, null);
}

function cut(pattern: ListPattern, unwanted: ListPattern, dear: ListPattern | null): ListPattern | null {
  let best: Octets | null = null;
  let most = 0;
  for (const [i, ranges] of pattern.octets.entries()) {
    const lost = inBoth(ranges, unwanted.octets[i]!);
    if (dear !== null && inBoth(lost, dear.octets[i]!).length > 0) continue;
    const rest = minus(ranges, unwanted.octets[i]!);
    const kept = size(rest) / size(ranges);
    if (kept <= most) continue;
    most = kept;
    best = pattern.octets.with(i, rest);
  }
  return best === null ? null : patternOf(best);
}

function inBoth(a: Ranges, b: Ranges): Ranges {
  return a.flatMap(([from, to]) =>
    b
      .map(([low, high]) => [Math.max(from, low), Math.min(to, high)] as const)
      .filter(([low, high]) => low <= high),
  );
}

function minus(ranges: Ranges, unwanted: Ranges): Ranges {
  let rest = ranges;
  for (const [low, high] of unwanted)
    rest = rest.flatMap(([from, to]) =>
      (
        [
          [from, Math.min(to, low - 1)],
          [Math.max(from, high + 1), to],
        ] as const
      ).filter(([a, b]) => a <= b),
    );
  return rest;
}

function size(ranges: Ranges): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
