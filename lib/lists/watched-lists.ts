/** Owns WatchedLists: the DNS lists that are announced at present, and those that were until lately. */

import { overIpv6, type AnnouncedList, type ListKind } from './announced-list.ts';
import { ListCount } from './list-figures.ts';
import type { TestedList } from './tested-list.ts';

export interface Watched {
  readonly tested: TestedList;
  readonly count: ListCount;
  /** Among those that are announced; null: it rests. */
  readonly number: number | null;
}

/** Some kilobytes each. */
const MOST_RESTING = 200;

export class WatchedLists {
  readonly #begin: (list: AnnouncedList) => TestedList;
  readonly #freed: (number: number) => void;
  #announced = new Map<string, Watched>();
  /** In the order in which they were dropped: sessions may go by them, and madness is not to be forgotten. */
  readonly #resting = new Map<string, Watched>();
  #isEnded = false;

  /** `freed`: the number may be another list's from now on. */
  constructor(begin: (list: AnnouncedList) => TestedList, freed: (number: number) => void) {
    this.#begin = begin;
    this.#freed = freed;
  }

  announce(lists: readonly AnnouncedList[]): void {
    if (this.#isEnded) return;
    const wanted = new Map(lists.map((list) => [keyOf(list.zone, list.kind), list]));
    for (const list of lists) {
      const ipv6 = keyOf(list.zone, 'ipv6');
      if (list.kind === 'address' && this.#announced.has(ipv6)) wanted.set(ipv6, overIpv6(list));
    }
    for (const [key, watched] of this.#announced) if (!wanted.has(key)) this.#rest(key, watched);
    const before = this.#announced;
    this.#announced = new Map();
    for (const [key, list] of wanted) {
      const kept = before.get(key);
      kept?.tested.redefine(list);
      this.#announced.set(key, kept ?? this.#watched(key, list, [before, this.#announced]));
    }
    this.#forget();
  }

  /** Null: it is not known, or not any more. */
  find(zone: string, kind: ListKind): Watched | null {
    const key = keyOf(zone, kind);
    return this.#announced.get(key) ?? this.#resting.get(key) ?? null;
  }

  /** As `find`; the tests of a list over IPv6 begin when somebody first asks for them. */
  need(zone: string, kind: ListKind): Watched | null {
    const found = this.find(zone, kind);
    if (this.#isEnded || kind !== 'ipv6' || (found !== null && found.number !== null)) return found;
    const list = this.#announced.get(keyOf(zone, 'address'))?.tested.list;
    if (list === undefined || list.missingKey !== null) return found;
    const key = keyOf(zone, kind);
    const begun = this.#watched(key, overIpv6(list), [this.#announced]);
    this.#announced.set(key, begun);
    return begun;
  }

  /** Those that are announced. */
  get all(): readonly Watched[] {
    return [...this.#announced.values()];
  }

  /** Nothing is announced or needed after it. */
  end(): void {
    this.#isEnded = true;
    for (const { tested } of [...this.#announced.values(), ...this.#resting.values()]) tested.end();
  }

  #watched(key: string, list: AnnouncedList, taken: readonly ReadonlyMap<string, Watched>[]): Watched {
    const numbers = new Set(taken.flatMap((each) => [...each.values()].map(({ number }) => number)));
    let number = 0;
    while (numbers.has(number)) number++;
    const rested = this.#resting.get(key);
    this.#resting.delete(key);
    rested?.tested.wake(list);
    return rested === undefined
      ? { tested: this.#begin(list), count: new ListCount(), number }
      : { ...rested, number };
  }

  #rest(key: string, watched: Watched): void {
    watched.tested.rest();
    this.#resting.set(key, { ...watched, number: null });
    if (watched.number !== null) this.#freed(watched.number);
  }

  /** First those of which nothing bad is known. */
  #forget(): void {
    while (this.#resting.size > MOST_RESTING) {
      const [oldest] = this.#resting;
      const [key, { tested }] = [...this.#resting].find(([, each]) => each.tested.isForgettable) ?? oldest!;
      tested.end();
      this.#resting.delete(key);
    }
  }
}

/** No zone has a blank in it. */
function keyOf(zone: string, kind: ListKind): string {
  return `${kind} ${zone}`;
}
