/** Owns ListHealth as the service has it: every announced list under its tests, with its figures. */

import type { AnnouncedList, ListKind } from './announced-list.ts';
import type { ListFigures } from './list-figures.ts';
import type { ListChange, ListHealth, ListQuery, Standing } from './list-health.ts';
import { Overlaps } from './overlaps.ts';
import type { Probing } from './probe.ts';
import { TestedList } from './tested-list.ts';
import { WatchedLists } from './watched-lists.ts';

/** No list has this number. */
const NONE = -1;

export interface HealthOptions extends Probing {
  /** For one log line each. */
  readonly onChange: (change: ListChange) => void;
  /** From 0 to 1, by chance. */
  readonly spread?: () => number;
}

/** `resolver` must ask past our own cache. */
export class ProbedHealth implements ListHealth {
  readonly #options: HealthOptions;
  readonly #overlaps = new Overlaps();
  readonly #lists: WatchedLists;

  constructor(options: HealthOptions) {
    this.#options = options;
    const { spread = Math.random } = options;
    this.#lists = new WatchedLists(
      (list) => new TestedList(list, { ...options, spread }),
      (number) => this.#overlaps.forget(number),
    );
  }

  announce(lists: readonly AnnouncedList[]): void {
    this.#lists.announce(lists);
  }

  retest(): void {
    for (const { tested } of this.#lists.all) tested.retest();
  }

  standing(zone: string, kind: ListKind): Standing | Promise<Standing> {
    if (this.isOut(zone, kind))
      return (
        this.#tested(zone, kind)
          .find(({ isOut }) => isOut)
          ?.stands() ?? this.#unknown()
      );
    const own = this.#lists.need(zone, kind)?.tested.standing() ?? this.#unknown();
    const usual = this.#lists.find(zone, 'address')?.tested;
    if (kind !== 'ipv6' || usual?.stands().state !== 'untested') return own;
    return Promise.all([usual.standing(), own]).then(([first, then]) =>
      first.state === 'alive' ? then : first,
    );
  }

  madness(zone: string, kind: ListKind): number {
    return this.#tested(zone, kind).reduce((sum, tested) => sum + tested.madness, 0);
  }

  touch(zone: string, kind: ListKind): void {
    if (!this.isOut(zone, kind)) this.#lists.need(zone, kind)?.tested.touch();
  }

  isOut(zone: string, kind: ListKind): boolean {
    const tested = this.#tested(zone, kind);
    return tested.length === 0 || tested.some(({ isOut }) => isOut);
  }

  believes(zone: string, ttlSeconds: number, kind: ListKind): boolean {
    const believing = this.#tested(zone, kind).map((tested) => tested.believes(ttlSeconds));
    return believing.length > 0 && !believing.includes(false);
  }

  saw(zone: string, query: ListQuery, kind: ListKind): void {
    const watched = this.#lists.need(zone, kind);
    if (watched === null) return;
    const { tested, count, number } = watched;
    const odd = count.add(query);
    const { outcome, subject } = query;
    if (number !== null && (outcome === 'listed' || outcome === 'not_listed'))
      this.#overlaps.add(number, subject, outcome === 'listed');
    if (odd) tested.trip();
  }

  snapshot(): readonly ListFigures[] {
    const { all } = this.#lists;
    return all.map(({ tested, count, number }) => {
      const { state, sinceMs, why, instead } = tested.stands();
      const { alias, kind, role } = tested.list;
      const { testedMs, proofAgeMs } = tested;
      const overlap = all
        .map((other) => ({
          list: other.tested.list.alias,
          ...this.#overlaps.between(number ?? NONE, other.number ?? NONE),
        }))
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
    this.#lists.end();
  }

  /** All that must not be out; none: it is not known. */
  #tested(zone: string, kind: ListKind): readonly TestedList[] {
    const own = this.#lists.find(zone, kind);
    const usual = kind === 'ipv6' ? this.#lists.find(zone, 'address') : own;
    return [...new Set([usual, own])].flatMap((each) => each?.tested ?? []);
  }

  #unknown(): Standing {
    const sinceMs = this.#options.clock.now();
    const why = 'no policy asks it any more';
    return { state: 'untested', sinceMs, outForMs: 0, why, instead: null, proven: false };
  }
}
