/** Owns ListHealth: whether a DNS list may decide anything at this moment. */

import type { AnnouncedList, ListKind } from './announced-list.ts';
import type { ListFigures } from './list-figures.ts';
import type { TestEntries } from './test-entries.ts';

/**
 * - `untested`: nothing is known yet; it decides nothing.
 * - `alive`: it lists its test entry, and not what nobody may list.
 * - `blind`: it lists nothing, or says that it refuses us: some are told NXDOMAIN for all.
 * - `lists-the-world`: it lists what nobody may list, or answers outside 127.0.0.0/8.
 * - `dead`: SERVFAIL, REFUSED or silence, twice.
 * - `no-key`: the file or variable of its key gave none: it is not asked.
 */
export type ListState = 'untested' | 'alive' | 'blind' | 'lists-the-world' | 'dead' | 'no-key';

export interface Standing {
  readonly state: ListState;
  /** Milliseconds since 1970: since when it is in this state. */
  readonly sinceMs: number;
  /** Milliseconds that it has been out, in whichever states: for how long a whitelist counts as unknown. Null: it is alive. */
  readonly outForMs: number | null;
  /** In words, for the log: `127.0.0.2 is not listed`; null: alive, or not tested yet. */
  readonly why: string | null;
  /** What an administrator can do about it; null: nothing to do. */
  readonly instead: string | null;
  /** True: alive, and the negative proof is at most 60 s old. Only then may a listing decide. */
  readonly proven: boolean;
}

/** How one query to a list ended, for its figures. */
export interface ListQuery {
  readonly outcome: 'listed' | 'not_listed' | 'failed' | 'outside_127';
  /** Of a query that went to the DNS; null: the answer was in the cache. */
  readonly ms: number | null;
  /** What was asked about: an address or a name, to see which lists list the same. */
  readonly subject: string;
}

/** Once for each change, and the first result of a test is one. `list`: the alias; no text names a key. */
export interface ListChange {
  readonly list: string;
  readonly about: ListKind;
  readonly from: ListState;
  readonly to: ListState;
  readonly why: string | null;
  readonly instead: string | null;
  /** What it is tested by. */
  readonly tests: Pick<TestEntries, 'listed' | 'unlisted'>;
}

/**
 * `zone`: as it is asked, a key included (AnnouncedList). `kind`: what it is asked about; `ipv6` needs no announcement
 * of its own where `address` has one, and is out while that is. What is not known any more stands as `untested`.
 */
export interface ListHealth {
  /**
   * At a start and at each reload, all that the policy asks. Lists that were known keep their state and figures, new ones
   * are tested at once, others rest: they are tested only for those who still ask them, and the oldest are forgotten.
   */
  announce(lists: readonly AnnouncedList[]): void;
  /** The way to the lists may have been mended: all that are out are tested at once, a list every 5 s at most. */
  retest(): void;
  /**
   * At once if there is a fresh proof, or if the list is known to be out; else after a probe, which always fulfils, in
   * bounded time. While mail flows the proof is renewed in the background before it is too old.
   */
  standing(zone: string, kind: ListKind): Standing | Promise<Standing>;
  /** Someone is about to be looked up: lets a proof that grows old be renewed meanwhile. Never waits. */
  touch(zone: string, kind: ListKind): void;
  /** It decides nothing, so that nothing need be asked of it. */
  isOut(zone: string, kind: ListKind): boolean;
  /**
   * Of an answer that lists something, with what is left of its TTL: whether the list said so after it last listed the
   * world. What it said then is for a while in our cache, and in that of the server that we ask.
   */
  believes(zone: string, ttlSeconds: number, kind: ListKind): boolean;
  /** How often it has listed the world so far: what it said before the last time is worth nothing. */
  madness(zone: string, kind: ListKind): number;
  /** Counts; what is odd about an answer may start a probe at once, and does nothing else. */
  saw(zone: string, query: ListQuery, kind: ListKind): void;
  /** In the order in which they were announced, those of IPv6 last: once they were asked about. */
  snapshot(): readonly ListFigures[];
  /** No test runs or begins any more; whoever waits is answered. */
  close(): void;
}
