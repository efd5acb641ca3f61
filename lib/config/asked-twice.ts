/** Owns the slip of asking one list twice for the same. */

import type { Place } from './place.ts';
import type { PlacedRestriction } from './restrictions.ts';

/** Of the rules of one list, in their order. */
export class AskedTwice {
  readonly #seen = new Set<string>();

  judge({ word, list, warnOnly, written, within }: PlacedRestriction, place: Place): void {
    if (list === null) return;
    // By the zone itself: two keys may have one alias.
    const asked = `${word} ${list.zone}=${list.pattern?.text ?? ''} ${warnOnly}`;
    if (this.#seen.has(asked)) place.warning(`${written} is there twice`, 'remove one of the two', within);
    this.#seen.add(asked);
  }
}
