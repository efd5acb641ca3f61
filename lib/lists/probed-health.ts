/** Owns ListHealth as the service has it: every announced list under its tests, with its figures. */

import type { AnnouncedList } from './announced-list.ts';
import { ListCount, type ListFigures } from './list-figures.ts';
import type { ListChange, ListHealth, ListQuery, Standing } from './list-health.ts';
import { Overlaps } from './overlaps.ts';
import type { Probing } from './probe.ts';
import { TestedList } from './tested-list.ts';

export interface HealthOptions extends Probing {
  /** For one log line each. */
  readonly onChange: (change: ListChange) => void;
  /** From 0 to 1, by chance. */
  readonly spread?: () => number;
}

interface Watched {
  readonly tested: TestedList;
  readonly count: ListCount;
  /** In Overlaps. */
  readonly number: number;
}

/** `resolver` must ask past our own cache. */
export class ProbedHealth implements ListHealth {
  readonly #options: HealthOptions;
  readonly #overlaps = new Overlaps();
  #lists: ReadonlyMap<string, Watched> = new Map();
  /** Of the last announcement, for sessions that began before it. */
  #ended: ReadonlyMap<string, Watched> = new Map();
  #closed = false;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  announce(lists: readonly AnnouncedList[]): void {
    if (this.#closed) return;
    const wanted = new Map<string, AnnouncedList>();
    for (const list of lists) {
      const same = wanted.get(list.zone);
      // A zone that is asked about both is tested by its addresses, as RFC 5782 has it for such lists.
      if (same === undefined || (same.kind === 'name' && list.kind === 'address'))
        wanted.set(list.zone, list);
    }
    const before = this.#lists;
    const ended = new Map([...before].filter(([zone]) => !wanted.has(zone)));
    for (const { tested, number } of ended.values()) {
      tested.end();
      this.#overlaps.forget(number);
    }
    const numbers = new Set([...before].flatMap(([zone, { number }]) => (wanted.has(zone) ? [number] : [])));
    this.#ended = ended;
    this.#lists = new Map(
      [...wanted].map(([zone, list]) => {
        const kept = before.get(zone);
        kept?.tested.redefine(list);
        return [zone, kept ?? this.#watched(list, numbers)];
      }),
    );
  }

  standing(zone: string): Standing | Promise<Standing> {
    return this.#watchedAs(zone).tested.standing();
  }

  touch(zone: string): void {
    this.#watchedAs(zone).tested.touch();
  }

  isOut(zone: string): boolean {
    return this.#watchedAs(zone).tested.isOut;
  }

  madness(zone: string): number {
    return this.#watchedAs(zone).tested.madness;
  }

  believes(zone: string, ttlSeconds: number): boolean {
    return this.#watchedAs(zone).tested.believes(ttlSeconds);
  }

  saw(zone: string, query: ListQuery): void {
    const { tested, count, number } = this.#watchedAs(zone);
    const odd = count.add(query);
    const { outcome, subject } = query;
    if (this.#lists.has(zone) && (outcome === 'listed' || outcome === 'not_listed'))
      this.#overlaps.add(number, subject, outcome === 'listed');
    if (odd) tested.trip();
  }

  snapshot(): readonly ListFigures[] {
    const all = [...this.#lists.values()];
    return all.map(({ tested, count, number }) => {
      const { state, sinceMs, why, instead } = tested.stands();
      const { alias, kind, role } = tested.list;
      const { testedMs, proofAgeMs } = tested;
      const overlap = all
        .map((other) => ({ list: other.tested.list.alias, ...this.#overlaps.between(number, other.number) }))
        .filter(({ of }) => of > 0);
      return {
        list: alias,
        kind,
        role,
        state,
        sinceMs,
        why,
        instead,
        testedMs,
        proofAgeMs,
        ...count.figures,
        overlap,
      };
    });
  }

  close(): void {
    this.#closed = true;
    for (const { tested } of this.#lists.values()) tested.end();
  }

  #watched(list: AnnouncedList, numbers: Set<number>): Watched {
    let number = 0;
    while (numbers.has(number)) number++;
    numbers.add(number);
    const { resolver, clock, onChange, spread = Math.random } = this.#options;
    return {
      tested: new TestedList(list, { resolver, clock, onChange, spread }),
      count: new ListCount(),
      number,
    };
  }

  /** What was not announced is a bug: it could never be tested. */
  #watchedAs(zone: string): Watched {
    const watched = this.#lists.get(zone) ?? this.#ended.get(zone);
    if (watched === undefined) throw new Error('a DNS list was asked that was not announced');
    return watched;
  }
}
