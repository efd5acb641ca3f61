/** Owns "did you mean": the word of a list that somebody probably wanted to write. */

/** `retryWindow`, `retry-window`, `retry_windwo` → `retry_window`; null if nothing is near. */
export function nearest(written: string, words: Iterable<string>): string | null {
  const wanted = bare(written);
  if (wanted === '' || wanted.length > 40) return null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const word of words) {
    const other = bare(word);
    // Each letter too many or too few is a step: a file full of strange words must not be weighed against every word.
    if (Math.abs(other.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, other);
    if (distance >= least) continue;
    best = word;
    least = distance;
  }
  return best;
}

/** Case, hyphens, underscores, dots and blanks are how spellings of one word differ between programs. */
function bare(word: string): string {
  return word.toLowerCase().replace(/[-_. ]/g, '');
}

/** Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, older[j - 2]! + 1);
      row.push(least);
    }
    older = old;
    old = row;
  }
  return old[b.length]!;
}
