/** Owns what the greylist specs share: stores whose events are collected, and ways to wait for them. */

import type { Judgement } from '../../lib/greylist/judge.ts';
import { openSqliteStore, type SqliteOptions } from '../../lib/greylist/sqlite-store.ts';
import type { Store, StoreEvent } from '../../lib/greylist/store.ts';
import type { Attempt } from '../../lib/greylist/triplet.ts';
import { NOON, TIMINGS } from './attempts.ts';

export interface Watched {
  readonly store: Store;
  readonly events: StoreEvent[];
  /** How often an event of this kind came. */
  readonly count: (kind: StoreEvent['kind']) => number;
}

/** Call inside a `describe`, before `temporaryFolder()`; what the function returned opens is closed when the test ends. */
export function sqliteStores(): (file: string, options?: Partial<SqliteOptions>) => Promise<Watched> {
  const open: Store[] = [];
  afterEach(() => Promise.all(open.splice(0).map((store) => store.close())));
  return async (file, options = {}) => {
    const events: StoreEvent[] = [];
    const onEvent = (event: StoreEvent): unknown => events.push(event);
    // Without expiry rounds of its own, unless asked.
    const store = await openSqliteStore(file, { onEvent, now: () => NOON, rounds: null, ...options });
    open.push(store);
    return { store, events, count: (kind) => events.filter((event) => event.kind === kind).length };
  };
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`was fulfilled with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Walks until the end; how many were removed. */
export async function expireAll(store: Store, nowMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const slice = await store.expire(nowMs);
    removed += slice.removed;
    if (slice.done) return removed;
  }
}

/** Judges again and again, a turn of the event loop each, until it works. */
export async function judgedAtLast(store: Store, one: Attempt, nowMs = NOON): Promise<Judgement> {
  for (;;) {
    const judgement = await store.judge(one, nowMs, TIMINGS).catch(() => null);
    if (judgement !== null) return judgement;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
