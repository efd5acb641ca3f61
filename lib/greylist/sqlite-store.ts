/** Owns the durable store: what each call is for the worker thread that has the file. */

import { resolve } from 'node:path';
import { mustHaveOrigins, type Adoption, type AdoptionCounts } from './adopt.ts';
import { ROUNDS, startRounds, type Rounds } from './expiry-rounds.ts';
import type { Judgement, Timings } from './judge.ts';
import { compileFilter, type ListedTriplet, type ListFilter, type Stats } from './listing.ts';
import type { Changed, ReleasedPage, Results, Task } from './sqlite-messages.ts';
import type { AnswerPage, StandingPage } from './sqlite-standings.ts';
import { granted, type Standing } from './standing.ts';
import { fileBytes } from './sqlite-file.ts';
import { pagesFrom } from './page-walk.ts';
import { sumTallies, withoutId, type Page } from './sqlite-pages.ts';
import { JudgementQueue } from './sqlite-queue.ts';
import { SqliteThread } from './sqlite-thread.ts';
import {
  FOR_EVER_MS,
  StoreError,
  type Answer,
  type ExpirySlice,
  type OpenAnswer,
  type Released,
  type Store,
  type StoreEvent,
} from './store.ts';
import { firstOrigins, type Attempt, type Origin, type Subject } from './triplet.ts';
import type { DayCounts } from './counts.ts';
import type { Key } from './key.ts';
import { KnownMemory } from './known-memory.ts';

export interface SqliteOptions {
  readonly onEvent: (event: StoreEvent) => void;
  /** Ms since the epoch; for expiry and the names of files set aside. */
  readonly now: () => number;
  /** When expiry runs by itself; null: only when `expire` is called. */
  readonly rounds?: Rounds | null;
  /** No judgement takes longer; then it is rejected as `busy`. */
  readonly deadlineMs?: number;
  /** How long to wait for another program that has the file locked. */
  readonly busyTimeoutMs?: number;
  /** Who has waited so long for others is rejected as `busy`: by then nobody waits for the answer. */
  readonly mostWaitMs?: number;
  /** The file grows no larger; then new triplets are rejected as `full`. */
  readonly mostBytes?: number | null;
  /** After so long a quiet the thread gives back what a burst has needed of memory: see BurstMemory. */
  readonly quietMs?: number;
}

/**
 * Opens or creates the file; its directory must exist. Rejects with StoreError, whose message an administrator
 * can act on: not writable, in use by another Postern, another program's, a later version's. A damaged file is
 * set aside (event `set-aside`), not an error.
 */
export async function openSqliteStore(path: string, options: SqliteOptions): Promise<Store> {
  const store = await SqliteStore.open(resolve(path), options);
  const rounds = options.rounds === undefined ? ROUNDS : options.rounds;
  if (rounds !== null) store.stopRounds = startRounds(store, options.now, rounds);
  return store;
}

const KNOWN = Promise.resolve<Judgement>({ outcome: 'known' });

class SqliteStore implements Store {
  stopRounds: () => void = () => {};
  readonly #file: string;
  readonly #onEvent: (event: StoreEvent) => void;
  readonly #thread: SqliteThread;
  readonly #queue: JudgementQueue;
  readonly #known: KnownMemory;
  readonly #now: () => number;
  #closing: Promise<void> | null = null;
  #troubled: boolean;

  private constructor(
    file: string,
    onEvent: (event: StoreEvent) => void,
    thread: SqliteThread,
    mostWaitMs: number,
    now: () => number,
  ) {
    this.#known = new KnownMemory({
      hears: () => thread.hears,
      tell: (uses) => thread.run({ kind: 'used', uses, nowMs: now() }),
    });
    this.#queue = new JudgementQueue({
      mostWaitMs,
      run: (asked) => this.#run({ kind: 'judge', asked, nowMs: asked.numbers[0]! }),
      onTrouble: (error) => this.trouble(error),
      onKnown: (asked) => this.#known.add(asked, asked.nowMs, asked.timings),
      onForgot: () => this.#known.clear(),
      onWritten: () => this.#recovered(),
    });
    this.#now = now;
    this.#file = file;
    this.#onEvent = onEvent;
    this.#thread = thread;
    this.#troubled = false;
  }

  static async open(file: string, options: SqliteOptions): Promise<SqliteStore> {
    const {
      onEvent,
      now,
      deadlineMs = 4000,
      busyTimeoutMs = 1000,
      mostWaitMs = 6000,
      mostBytes = null,
      quietMs,
    } = options;
    let store: SqliteStore | null = null;
    const onTrouble = (error: StoreError): void => store?.trouble(error);
    const heard = (event: StoreEvent): void => (store === null ? onEvent(event) : store.heard(event));
    const thread = await SqliteThread.start({
      file,
      busyTimeoutMs,
      mostBytes,
      quietMs,
      now,
      deadlineMs,
      onEvent: heard,
      onTrouble,
    });
    store = new SqliteStore(file, onEvent, thread, mostWaitMs, now);
    if (thread.outage !== null) store.trouble(thread.outage);
    return store;
  }

  judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement> {
    if (attempt.origins.length === 0)
      return Promise.reject(new RangeError('an attempt needs at least one origin'));
    if (this.#closing !== null) return Promise.reject(new StoreError('closed', 'the greylist is closed'));
    if (this.#known.has(attempt, nowMs, timings)) return KNOWN;
    return this.#queue.judge({ ...attempt, nowMs, timings });
  }

  async *list(filter: ListFilter, nowMs: number): AsyncGenerator<ListedTriplet> {
    const matches = compileFilter(filter);
    const pages = pagesFrom<number, Page>(0, (after) => this.#run({ kind: 'page', after, nowMs }));
    for await (const { triplets } of pages) yield* triplets.filter(matches).map(withoutId);
  }

  async stats(nowMs: number): Promise<Stats> {
    const counts = await sumTallies((after) => this.#run({ kind: 'tally', after, nowMs }));
    return { ...counts, bytes: fileBytes(this.#file) };
  }

  async revoke(subjects: readonly Subject[], nowMs: number): Promise<readonly Subject[]> {
    return this.#run({ kind: 'revoke', subjects, nowMs });
  }

  async earned(subjects: readonly Subject[], nowMs: number): Promise<readonly Subject[]> {
    return this.#run({ kind: 'earned', subjects, nowMs });
  }

  async learn(answers: readonly Answer[], untilMs: number, nowMs: number): Promise<void> {
    await this.#run({ kind: 'learn', answers, untilMs, nowMs });
  }

  async grant(subject: Subject, untilMs: number | null, nowMs: number): Promise<void> {
    const standing = granted(subject, untilMs ?? FOR_EVER_MS, nowMs);
    await this.#run({ kind: 'grant', standing, nowMs });
  }

  async withdraw(subject: Subject, nowMs: number): Promise<boolean> {
    return this.#run({ kind: 'withdraw', subject, nowMs });
  }

  /** Page by page, as all that changes many rows, so that judgements come in between. */
  async release(wanted: ListFilter, nowMs: number, lifetimeMs: number): Promise<Released> {
    let [count, origins]: [number, readonly Origin[]] = [0, []];
    const pages = pagesFrom<number, ReleasedPage>(0, (after) =>
      this.#run({ kind: 'release', wanted, after, lifetimeMs, nowMs }),
    );
    for await (const page of pages) {
      count += page.changed;
      origins = firstOrigins(origins, page.origins);
    }
    return { count, origins };
  }

  async adopt(adoptions: readonly Adoption[], nowMs: number, timings: Timings): Promise<AdoptionCounts> {
    mustHaveOrigins(adoptions);
    return this.#run({ kind: 'adopt', adoptions, nowMs, timings });
  }

  async forget(wanted: ListFilter, nowMs: number): Promise<number> {
    let sum = 0;
    const pages = pagesFrom<number, Changed<number>>(0, (after) =>
      this.#run({ kind: 'forget', wanted, after, nowMs }),
    );
    try {
      for await (const { changed } of pages) sum += changed;
    } finally {
      this.#known.clear();
    }
    return sum;
  }

  async unlearn(wanted: ListFilter, nowMs: number): Promise<number> {
    let sum = 0;
    const pages = pagesFrom<Key | null, Changed<Key>>(null, (after) =>
      this.#run({ kind: 'unlearn', wanted, after, nowMs }),
    );
    for await (const { changed } of pages) sum += changed;
    return sum;
  }

  async *standings(nowMs: number): AsyncGenerator<Standing> {
    const pages = pagesFrom<Key | null, StandingPage>(null, (after) =>
      this.#run({ kind: 'standings', after, nowMs }),
    );
    for await (const { standings } of pages) yield* standings;
  }

  async *answers(nowMs: number): AsyncGenerator<OpenAnswer> {
    const pages = pagesFrom<Key | null, AnswerPage>(null, (after) =>
      this.#run({ kind: 'answers', after, nowMs }),
    );
    for await (const { answers } of pages) yield* answers;
  }

  async counts(): Promise<readonly DayCounts[]> {
    return this.#run({ kind: 'counts', nowMs: this.#now() });
  }

  async expire(nowMs: number): Promise<ExpirySlice> {
    return this.#run({ kind: 'expire', nowMs });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  heard(event: StoreEvent): void {
    if (event.kind === 'set-aside' || event.kind === 'lost') this.#known.clear();
    this.#onEvent(event);
  }

  trouble(error: StoreError): void {
    if (this.#troubled) return;
    this.#troubled = true;
    this.#onEvent({ kind: 'trouble', cause: error.cause, why: error.message });
  }

  /** Whatever is asked, the file knows of all uses by then. */
  #run<K extends Task['kind']>(body: Extract<Task, { kind: K }> | (Task & { kind: K })): Promise<Results[K]> {
    this.#known.tellAll();
    return this.#thread.run(body);
  }

  #recovered(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#onEvent({ kind: 'recovered' });
  }

  async #close(): Promise<void> {
    this.stopRounds();
    await this.#queue.drained();
    this.#known.close();
    await this.#thread.close();
  }
}
