/** Owns ListsInUse: which DNS lists are asked at present, by the configurations in use and by what their tables name. */

import type { AnnouncedList } from './announced-list.ts';
import type { ListHealth } from './list-health.ts';

/** Of tables' results: a pattern can make names of what strangers send. */
const MOST_NAMED = 100;

export class ListsInUse {
  readonly health: ListHealth;
  readonly #held = new Set<readonly AnnouncedList[]>();
  readonly #named = new Map<string, AnnouncedList>();

  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;

  constructor(health: ListHealth, elapsed: () => number) {
    this.health = health;
    this.elapsed = elapsed;
  }

  /** Of a configuration: they are tested until it is let go of, by calling what comes back. */
  hold(lists: readonly AnnouncedList[]): () => void {
    // A list that is held twice is let go of once.
    const held = [...lists];
    this.#held.add(held);
    this.#announce();
    return () => {
      if (this.#held.delete(held)) this.#announce();
    };
  }

  /** A table has named it; false: there are too many of them, and it is not asked. */
  named(list: AnnouncedList): boolean {
    if (this.#named.has(list.zone) || this.#isHeld(list.zone)) return true;
    if (this.#named.size >= MOST_NAMED) return false;
    this.#named.set(list.zone, list);
    this.#announce();
    return true;
  }

  /** Those of each configuration, and what tables named; a zone may be there more than once. */
  get announced(): readonly AnnouncedList[] {
    return [...[...this.#held].flat(), ...this.#named.values()];
  }

  #isHeld(zone: string): boolean {
    return [...this.#held].some((lists) => lists.some((list) => list.zone === zone));
  }

  #announce(): void {
    this.health.announce(this.announced);
  }
}
