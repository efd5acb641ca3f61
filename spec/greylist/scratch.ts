/** Owns what the greylist specs share: timings, attempts, and events collected. */

import type { Judgement, Timings } from '../../lib/greylist/judge.ts';
import { openSqliteStore, type SqliteOptions } from '../../lib/greylist/sqlite-store.ts';
import type { Store, StoreEvent } from '../../lib/greylist/store.ts';
import type { Attempt, Origin } from '../../lib/greylist/triplet.ts';

export const SECOND = 1000;
export const DAY = 86_400 * SECOND;
export const TIMINGS: Timings = { delayMs: 60 * SECOND, windowMs: 2 * DAY, lifetimeMs: 36 * DAY };

/** The hour at which these specs play. */
export const NOON = Date.UTC(2026, 10, 21, 12);

export function network(value = '192.0.2.0/24'): Origin {
  return { kind: 'network', value };
}

/** The n-th of many attempts that have nothing in common. */
export function attempt(n: number, origins: readonly Origin[] = [network()]): Attempt {
  return { origins, sender: `alice${n}@example.net`, recipient: 'bob@example.org' };
}

export interface Watched {
  readonly store: Store;
  readonly events: StoreEvent[];
  /** How often an event of this kind came. */
  count(kind: StoreEvent['kind']): number;
}

/** Without expiry rounds of its own, unless asked. */
export async function openWatched(file: string, options: Partial<SqliteOptions> = {}): Promise<Watched> {
  const events: StoreEvent[] = [];
  const store = await openSqliteStore(file, {
    onEvent: (event) => events.push(event),
    now: () => NOON,
    rounds: null,
    ...options,
  });
  return { store, events, count: (kind) => events.filter((event) => event.kind === kind).length };
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
