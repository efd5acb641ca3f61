/** Owns ListsInUse: which DNS lists are asked at present, by the configurations in use and by what their tables name. */

import type { AnnouncedList } from './announced-list.ts';
import type { ListHealth } from './list-health.ts';

/** Of tables' results: a pattern can make names of what strangers send. */
const MOST_NAMED = 100;

export class ListsInUse {
  readonly health: ListHealth;
  readonly #held = new Set<readonly AnnouncedList[]>();
  /** In the order of their last use. */
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

  /** A table has named it: it is tested from now on, until many others were named since. */
  named(list: AnnouncedList): void {
    const key = `${list.kind} ${list.zone}`;
    const known = this.#named.delete(key);
    if (!known && this.#isHeld(list)) return;
    this.#named.set(key, list);
    if (known) return;
    if (this.#named.size > MOST_NAMED) {
      const [oldest] = this.#named.keys();
      this.#named.delete(oldest!);
    }
    this.#announce();
  }

  /** Those of each configuration, and what tables named; a zone may be there more than once. */
  get announced(): readonly AnnouncedList[] {
    return [...[...this.#held].flat(), ...this.#named.values()];
  }

  #isHeld({ zone, kind }: AnnouncedList): boolean {
    return [...this.#held].some((lists) => lists.some((list) => list.zone === zone && list.kind === kind));
  }

  #announce(): void {
    this.health.announce(this.announced);
  }
}
