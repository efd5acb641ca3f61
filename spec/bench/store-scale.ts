/** Owns what the store's file costs by its size: judgements, expiry beside them, bytes, and the time until it is ready. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { openFile } from '../../lib/greylist/sqlite-file.ts';
import { openSqliteStore, type SqliteOptions } from '../../lib/greylist/sqlite-store.ts';
import { Sweep } from '../../lib/greylist/sqlite-sweep.ts';
import { TripletTable, type Asked } from '../../lib/greylist/sqlite-table.ts';
import { ROUNDS } from '../../lib/greylist/expiry-rounds.ts';
import type { Store } from '../../lib/greylist/store.ts';
import { attempt, NOON, TIMINGS as NOON_TIMINGS } from '../greylist/attempts.ts';
import { BenchError } from './bench-error.ts';
import { askedOf, EXPIRED_SHARE, fill, toDisk, type Filled, type Shape } from './fill.ts';
import { Histogram } from './histogram.ts';
import { scrambled } from './identity.ts';
import { STORED, unused } from './numbers.ts';
import { judgeAll, judgeSteadily, type JudgingCost } from './store-load.ts';

export const LOADS = ['new', 'passed', 'known'] as const;
export const SHAPES = {
  'network alone': { origins: ['network'], pair: false },
  'three origins, pair': { origins: ['spf', 'ptr', 'network'], pair: true },
} as const satisfies Readonly<Record<string, Shape>>;
export type ShapeName = keyof typeof SHAPES;

export interface ScaleRow {
  readonly shape: ShapeName;
  readonly stored: number;
  readonly filled: Filled | null;
  /** From openSqliteStore to the first judgement. */
  readonly readyMs: number;
  readonly cost: Readonly<Record<(typeof LOADS)[number], JudgingCost>>;
  /** Null: nothing to expire. */
  readonly purge: Purge | null;
  readonly killed: Killed | null;
}

/** New triplets at a steady rate, without expiry and beside it. */
export interface Purge {
  readonly without: JudgingCost;
  readonly beside: JudgingCost;
  readonly removed: number;
  readonly seconds: number;
  /** Of the slices alone, one after the other, in µs: so long a judgement may have to wait for one. */
  readonly slice: Pick<JudgingCost, 'p50' | 'p99' | 'max'>;
}

export interface Killed {
  readonly acknowledged: number;
  readonly lost: number;
  readonly readyMs: number;
}

export interface Scale {
  readonly rows: readonly ScaleRow[];
  /** Of a file of the first version with so many rows. */
  readonly migrated: { readonly stored: number; readonly readyMs: number; readonly lost: number };
}

export interface ScalePlan {
  readonly folder: string;
  readonly sizes: readonly number[];
  /** Of each load. */
  readonly judgements: number;
  readonly purgeSeconds: number;
}

const STEADY_RATE = 300;
const KILLED_AFTER = 3000;
const SLICES = 1000;
const WRITER = fileURLToPath(new URL('../greylist/kill-writer.ts', import.meta.url));

export async function measureScale(plan: ScalePlan, say: (text: string) => void): Promise<Scale> {
  const rows: ScaleRow[] = [];
  let migrated: Scale['migrated'] | null = null;
  for (const shape of Object.keys(SHAPES) as ShapeName[])
    for (const stored of plan.sizes) {
      const file = join(plan.folder, 'scale.db');
      say(`filling in ${stored} triplets: ${shape}`);
      const row = await measureRow(plan, file, shape, stored);
      rows.push(row);
      say(JSON.stringify(row));
      if (shape === 'network alone' && stored === plan.sizes.at(-1)) migrated = await migration(file, stored);
      for (const suffix of ['', '-wal', '-shm', '-lock']) rmSync(file + suffix, { force: true });
    }
  return { rows, migrated: migrated! };
}

async function measureRow(
  plan: ScalePlan,
  file: string,
  shape: ShapeName,
  stored: number,
): Promise<ScaleRow> {
  const nowMs = Date.now();
  const filled = stored === 0 ? null : fill(file, STORED, stored, nowMs, SHAPES[shape]);
  // Without a read of the whole file: what the system has of it in memory is what the filling left there.
  const { store, readyMs } = await opened(file, shape);
  const cost = await costs(store, plan.judgements, shape, stored, nowMs);
  await store.close();
  return {
    shape,
    stored,
    filled,
    readyMs,
    cost,
    purge: stored === 0 ? null : await purge(file, shape, plan.purgeSeconds),
    killed: stored === 0 ? null : await killed(file),
  };
}

async function opened(
  file: string,
  shape: ShapeName,
  options: Partial<SqliteOptions> = {},
): Promise<{ store: Store; readyMs: number }> {
  const beganMs = performance.now();
  const store = await openSqliteStore(file, {
    now: Date.now,
    rounds: null,
    onEvent: (event) => {
      if (event.kind !== 'migrating' && event.kind !== 'migrated')
        throw new BenchError(JSON.stringify(event));
    },
    ...options,
  });
  const { nowMs, timings, ...first } = askedOf(unused(1), SHAPES[shape], Date.now());
  await store.judge(first, nowMs, timings);
  return { store, readyMs: performance.now() - beganMs };
}

async function costs(
  store: Store,
  count: number,
  shape: ShapeName,
  stored: number,
  nowMs: number,
): Promise<ScaleRow['cost']> {
  const laterMs = nowMs + NOON_TIMINGS.delayMs;
  const fresh = (count: number): Asked[] => {
    const first = unused(count);
    return Array.from({ length: count }, (_, i) => askedOf(first + i, SHAPES[shape], nowMs));
  };
  // The compiler's first thousands.
  await judgeAll(store, fresh(count), 'new');
  const news = fresh(count);
  const newCost = await judgeAll(store, news, 'new');
  const waiting = stored === 0 ? news : storedOnes(stored, count, shape, laterMs);
  const retries = waiting.map((asked) => ({ ...asked, nowMs: laterMs }));
  return {
    new: newCost,
    passed: await judgeAll(store, retries, 'passed'),
    known: await judgeAll(store, retries, 'known'),
  };
}

/** Of those that wait, all over the file. */
function storedOnes(stored: number, count: number, shape: ShapeName, nowMs: number): Asked[] {
  const expired = Math.ceil(stored * EXPIRED_SHARE);
  const chosen = new Set<number>();
  for (let i = 0; chosen.size < count; i++) chosen.add(expired + (scrambled(i) % (stored - expired)));
  return [...chosen].map((n) => askedOf(STORED + n, SHAPES[shape], nowMs));
}

async function purge(file: string, shape: ShapeName, seconds: number): Promise<Purge> {
  const first = unused(STEADY_RATE * seconds * 2);
  const steadily = (store: Store, from: number): Promise<JudgingCost> =>
    judgeSteadily(store, (n) => askedOf(from + n, SHAPES[shape], Date.now()), STEADY_RATE, seconds);
  const still = await opened(file, shape);
  const without = await steadily(still.store, first);
  await still.store.close();
  const { store } = await opened(file, shape, { rounds: { ...ROUNDS, restMs: 1 } });
  const beside = await steadily(store, first + STEADY_RATE * seconds);
  let removed = 0;
  for (const { counts } of await store.counts()) removed += counts['never-returned'] ?? 0;
  await store.close();
  return { without, beside, removed, seconds, slice: slices(file) };
}

function slices(file: string): Purge['slice'] {
  const db = openFile({ file, busyTimeoutMs: 0, mostBytes: null }, Date.now(), () => {});
  const sweep = new Sweep(db, new TripletTable(db));
  const histogram = new Histogram();
  while (histogram.count < SLICES) {
    const beganMs = performance.now();
    const { removed, done } = sweep.slice(Date.now());
    if (removed > 0) histogram.add((performance.now() - beganMs) * 1000);
    if (done) break;
  }
  db.close();
  return { p50: histogram.quantile(0.5), p99: histogram.quantile(0.99), max: histogram.maxUs };
}

/** A process that judges as fast as it can is killed; what it had been told must be there. */
async function killed(file: string): Promise<Killed> {
  const child = spawn(process.execPath, [WRITER, file, '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length === KILLED_AFTER) child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new BenchError('the writer has ended before it was killed');
  const { store, readyMs } = await opened(file, 'network alone');
  const again = await Promise.all(
    acknowledged.map((n) => store.judge(attempt(n), NOON + NOON_TIMINGS.delayMs, NOON_TIMINGS)),
  );
  await store.close();
  const lost = again.filter(({ outcome }) => outcome !== 'passed').length;
  return { acknowledged: acknowledged.length, lost, readyMs };
}

async function migration(file: string, stored: number): Promise<Scale['migrated']> {
  const before = asFirstVersion(file);
  const { store, readyMs } = await opened(file, 'network alone');
  const { triplets } = await store.stats(Date.now());
  await store.close();
  // One was added to see that it is ready.
  return { stored, readyMs, lost: before + 1 - triplets };
}

/** What the later migrations have brought is taken away; the rows are written anew as they were then. */
function asFirstVersion(file: string): number {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    DROP TABLE standing; DROP TABLE answer; DROP TABLE day; ALTER TABLE triplet DROP COLUMN delayed;
    PRAGMA user_version = 1; PRAGMA journal_mode = WAL`);
  const [count] = Object.values(db.prepare('SELECT count(*) FROM triplet').get() ?? {}).map(Number);
  db.close();
  toDisk(file);
  return count!;
}
