/** Owns the slip of asking one list twice for the same. */

import type { RestrictionRule } from './written-rule.ts';

/** Of the rules of one list, in their order. */
export class AskedTwice {
  readonly #seen = new Set<string>();

  /** Whether a rule before this one asks the same. */
  has({ word, list, warnOnly }: RestrictionRule): boolean {
    if (list === null) return false;
    // By the zone itself: two keys may have one alias.
    const asked = `${word} ${list.zone}=${list.pattern?.text ?? ''} ${warnOnly}`;
    if (this.#seen.has(asked)) return true;
    this.#seen.add(asked);
    return false;
  }
}
