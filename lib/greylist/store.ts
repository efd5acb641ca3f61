/** Owns Store: the contract of what remembers triplets, what it reports, and how it fails. */

import type { Adoption, AdoptionCounts } from './adopt.ts';
import type { Judgement, Timings } from './judge.ts';
import type { ListedTriplet, ListFilter, Stats } from './listing.ts';
import type { DayCounts } from './counts.ts';
import type { Standing } from './standing.ts';
import type { Attempt, Origin, Subject } from './triplet.ts';

/** spec/greylist/store-contract.ts is this contract as a spec; every implementation runs it. */
export interface Store {
  /**
   * Judges one attempt against all that was judged before, as one atomic step. Resolved only when a new or passed
   * triplet is on disk. (Later uses and tries of one that is there already may be written two seconds later: a crash
   * then costs a little of its last use, never the triplet.)
   *
   * Calls of one turn of the event loop share a transaction, so `Promise.all` over many is the way to judge many.
   * Rejects with StoreError, within a few seconds whatever the disk does; throws RangeError for an attempt
   * without origins.
   */
  judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement>;
  /**
   * Takes away what these have earned; what an administrator granted stays. Resolves with those of them that were not
   * delayed, and are from now on.
   */
  revoke(subjects: readonly Subject[], nowMs: number): Promise<readonly Subject[]>;
  /** Of whom there is something that `revoke` would take away. */
  earned(subjects: readonly Subject[], nowMs: number): Promise<readonly Subject[]>;
  /** Their answers need not wait until then. */
  learn(answers: readonly Answer[], untilMs: number, nowMs: number): Promise<void>;
  /** The next try of each from one of its origins gets in at once. Resolves when that is on disk. */
  release(wanted: ListFilter, nowMs: number, lifetimeMs: number): Promise<Released>;
  /** Waiting or passed, as if they had never come. Resolves with how many there were, when that is on disk. */
  forget(wanted: ListFilter, nowMs: number): Promise<number>;
  /**
   * The answers of those addresses have to wait again; of a filter that asks for anything else than addresses, none.
   * Resolves with how many there were, when that is on disk.
   */
  unlearn(wanted: ListFilter, nowMs: number): Promise<number>;
  /**
   * What another greylister has known, as if it had been seen here; in one transaction, so that a caller with many
   * gives some hundreds at a time, and judgements come in between. Resolves when that is on disk; rejects with
   * StoreError or, for a triplet without origins, RangeError, and then none of them is adopted.
   */
  adopt(adoptions: readonly Adoption[], nowMs: number, timings: Timings): Promise<AdoptionCounts>;
  /** By the administrator, in place of what was earned; `untilMs` null: for ever. */
  grant(subject: Subject, untilMs: number | null, nowMs: number): Promise<void>;
  /** Whatever was granted or earned; false: there was nothing. */
  withdraw(subject: Subject, nowMs: number): Promise<boolean>;
  /** All that has been earned or granted and still counts, in no order. */
  standings(nowMs: number): AsyncIterable<Standing>;
  /** Who may answer whom now, in no order. */
  answers(nowMs: number): AsyncIterable<OpenAnswer>;
  /** In the order in which they were first seen; reads on while the caller keeps asking, and holds no lock between. */
  list(filter: ListFilter, nowMs: number): AsyncIterable<ListedTriplet>;
  /** Counts everything: seconds for ten million triplets, in slices between the judgements. */
  stats(nowMs: number): Promise<Stats>;
  /** What was done, by day. */
  counts(): Promise<readonly DayCounts[]>;
  /** One slice of a walk that removes what is past its time; call again until `done`, then another walk begins. */
  expire(nowMs: number): Promise<ExpirySlice>;
  /** Writes what is pending; judgements asked for earlier are still answered, later ones rejected as `closed`. */
  close(): Promise<void>;
}

/** What was released. */
export interface Released {
  readonly count: number;
  /** Where they came from: the first few that differ, see `firstOrigins`. */
  readonly origins: readonly Origin[];
}

/** Who may answer whom: the sender and recipient of the answer, as in an Attempt. */
export type Answer = Pick<Attempt, 'sender' | 'recipient'>;

/** One that need not wait until then. */
export interface OpenAnswer extends Answer {
  readonly untilMs: number;
}

/** Until the end of time, for a database. */
export const FOR_EVER_MS = 253_402_300_799_000;

export interface ExpirySlice {
  readonly removed: number;
  /** True: the walk has come to the end. */
  readonly done: boolean;
}

/**
 * `full`: no space left · `busy`: locked by another program, or no answer in time · `corrupt`: damaged and can't
 * be set aside · `io`: anything else the disk or the system refused · `newer`: written by a later version ·
 * `foreign`: another program's database · `closed`.
 */
export type Failure = 'full' | 'read-only' | 'busy' | 'corrupt' | 'io' | 'newer' | 'foreign' | 'closed';

/** Why a store could not do as asked; the message is one line for an administrator, and names the cure where there is one. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  override readonly cause: Failure;

  constructor(cause: Failure, message: string) {
    super(message);
    this.cause = cause;
  }
}

/** What a store's promise was rejected with, as StoreError. */
export function storeError(error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreError('io', String(error));
}

export type StoreEvent =
  /** The first failure after a good time; not repeated until `recovered`. */
  | { readonly kind: 'trouble'; readonly cause: Failure; readonly why: string }
  | { readonly kind: 'recovered' }
  /** The file was deleted under us, and an empty one was begun; or it was `replaced`, and the one in its place is used. */
  | { readonly kind: 'lost'; readonly file: string; readonly replaced: boolean }
  /** A damaged file was renamed and an empty one begun. */
  | { readonly kind: 'set-aside'; readonly file: string; readonly movedTo: string; readonly why: string }
  /** Of a damaged file: so many hosts and domains need not wait in the new one either. */
  | { readonly kind: 'salvaged'; readonly from: string; readonly standings: number }
  /** Begun; nothing is judged meanwhile. */
  | { readonly kind: 'migrating'; readonly from: number; readonly to: number }
  | { readonly kind: 'migrated'; readonly from: number; readonly to: number };
