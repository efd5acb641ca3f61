/** Owns ListFigures: what a DNS list did so far, as plain JSON; and the counting. */

import type { AnnouncedList } from './announced-list.ts';
import { Durations } from './durations.ts';
import { HitRate } from './hit-rate.ts';
import type { ListQuery, ListState } from './list-health.ts';
import type { Overlap } from './overlaps.ts';

/** Plain JSON. `list` is the alias: nothing here ever has a key in it. */
export interface ListFigures {
  readonly list: string;
  readonly kind: AnnouncedList['kind'];
  readonly role: AnnouncedList['role'];
  readonly state: ListState;
  /** Milliseconds since 1970: since when it is in this state. */
  readonly sinceMs: number;
  readonly why: string | null;
  readonly instead: string | null;
  /** Milliseconds since 1970: when its last test ended; null: none has yet. */
  readonly testedMs: number | null;
  /** Since when it is proven that it does not list the world; null: it is not. */
  readonly proofAgeMs: number | null;
  /** Since Postern runs; answers from the cache are queries too. */
  readonly queries: number;
  readonly hits: number;
  /** Of the queries that were answered, from 0 to 1; null: none was. */
  readonly hitRate: number | null;
  readonly failed: number;
  readonly outside127: number;
  /** Of queries that went to the DNS; null: there was none. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** With each other list that was asked about the same: of `of` that this one listed, it listed `both`. */
  readonly overlap: readonly (Overlap & { readonly list: string })[];
}

export class ListCount {
  readonly #durations = new Durations();
  readonly #rate = new HitRate();
  #queries = 0;
  #hits = 0;
  #failed = 0;
  #outside = 0;

  /** Returns true if the answer is odd enough to look at the list at once. */
  add({ outcome, ms }: ListQuery): boolean {
    this.#queries++;
    if (ms !== null && outcome !== 'failed') this.#durations.add(ms);
    switch (outcome) {
      case 'failed':
        this.#failed++;
        return false;
      case 'outside_127':
        this.#outside++;
        return true;
      case 'listed':
      case 'not_listed': {
        const listed = outcome === 'listed';
        if (listed) this.#hits++;
        // One client that comes again and again is found in the cache, and says nothing new of the list.
        return ms !== null && this.#rate.add(listed);
      }
    }
  }

  get figures(): Pick<
    ListFigures,
    'queries' | 'hits' | 'hitRate' | 'failed' | 'outside127' | 'medianMs' | 'p95Ms'
  > {
    const answered = this.#queries - this.#failed;
    return {
      queries: this.#queries,
      hits: this.#hits,
      hitRate: answered === 0 ? null : Number((this.#hits / answered).toPrecision(3)),
      failed: this.#failed,
      outside127: this.#outside,
      medianMs: this.#durations.quantileMs(0.5),
      p95Ms: this.#durations.quantileMs(0.95),
    };
  }
}
