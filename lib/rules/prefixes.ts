/** Owns the words that stand before another and change what it comes to: `warn_if_reject soft_first RULE`. */

import type { Word } from './policy-words.ts';
import type { Remark } from './restrictions.ts';

/** In the order in which logs have them; each with what it does to its rule. */
const PREFIXES = { warn_if_reject: 'warn of', soft_first: 'soften' } as const;
export type Prefix = keyof typeof PREFIXES;

/** What they say is never a 5xx. */
const NEVER_FINAL: ReadonlySet<string> = new Set<Word>([
  'defer',
  'defer_if_permit',
  'defer_if_reject',
  'discard',
  'quarantine',
  'greylist',
]);

export function isPrefix(word: Word): word is Prefix {
  return Object.hasOwn(PREFIXES, word);
}

/** Those that have been read and still wait for their rule. */
export class Prefixes {
  readonly #waiting = new Map<Prefix, number>();

  add(prefix: Prefix, within: number): void {
    if (!this.#waiting.has(prefix)) this.#waiting.set(prefix, within);
  }

  /** What was before the word, and what is wrong with that; from here on none waits. */
  usedUpBy(word: Word): { readonly prefixes: readonly Prefix[]; readonly remarks: readonly Remark[] } {
    const prefixes = (['warn_if_reject', 'soft_first'] as const).filter((prefix) =>
      this.#waiting.has(prefix),
    );
    const remarks = prefixes.flatMap((prefix) => {
      const why = idle(prefix, word);
      if (why === null) return [];
      const what = `${prefix} changes nothing before ${word}: ${why}`;
      return [
        {
          severity: 'warning',
          what,
          instead: `remove ${prefix}`,
          within: this.#waiting.get(prefix)!,
        } as const,
      ];
    });
    this.#waiting.clear();
    return { prefixes, remarks };
  }

  /** Their rule was none. */
  clear(): void {
    this.#waiting.clear();
  }

  /** At the end of the text. */
  left(): readonly Remark[] {
    return [...this.#waiting].map(([prefix, within]) => ({
      severity: 'error',
      what: `${prefix} stands before nothing`,
      instead: `write the rule that it is to ${PREFIXES[prefix]}`,
      within,
    }));
  }
}

/** Why the prefix does nothing there; null: it does. */
function idle(prefix: Prefix, word: Word): string | null {
  if (/^(?:permit|skip)/.test(word)) return 'it refuses nobody';
  return prefix === 'soft_first' && NEVER_FINAL.has(word) ? 'it refuses nobody for good' : null;
}
