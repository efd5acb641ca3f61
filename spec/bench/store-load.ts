/** Owns load on a store of this process: so many judgements at a time, or so many a second whatever happens. */

import type { Judgement } from '../../lib/greylist/judge.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Asked } from '../../lib/greylist/sqlite-table.ts';
import { BenchError } from './bench-error.ts';
import { Histogram } from './histogram.ts';

/** Times in µs. */
export interface JudgingCost {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of this whole process, its store's thread included, per judgement. */
  readonly cpuUs: number;
}

const AT_A_TIME = 16;

/** Each once. Throws BenchError for another outcome than expected. */
export async function judgeAll(
  store: Store,
  asked: readonly Asked[],
  expected: Judgement['outcome'],
): Promise<JudgingCost> {
  const histogram = new Histogram();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < asked.length) await timed(store, asked[next++]!, expected, performance.now(), histogram);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  return costOf(histogram, performance.now() - beganMs, process.cpuUsage(cpu));
}

/** New ones at a steady rate; who is late because those before had to wait has waited too. */
export async function judgeSteadily(
  store: Store,
  askedOf: (n: number) => Asked,
  perSecond: number,
  seconds: number,
): Promise<JudgingCost> {
  const histogram = new Histogram();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const all: Promise<void>[] = [];
  for (let n = 0; n < perSecond * seconds;) {
    const due = (n: number): number => beganMs + (n * 1000) / perSecond;
    while (n < perSecond * seconds && due(n) <= performance.now())
      all.push(timed(store, askedOf(n), 'new', due(n++), histogram));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
  return costOf(histogram, performance.now() - beganMs, process.cpuUsage(cpu));
}

async function timed(
  store: Store,
  { nowMs, timings, ...attempt }: Asked,
  expected: Judgement['outcome'],
  sinceMs: number,
  histogram: Histogram,
): Promise<void> {
  const { outcome } = await store.judge(attempt, nowMs, timings);
  if (outcome !== expected) throw new BenchError(`${outcome} instead of ${expected}`);
  histogram.add((performance.now() - sinceMs) * 1000);
}

function costOf(histogram: Histogram, ms: number, { user, system }: NodeJS.CpuUsage): JudgingCost {
  return {
    perSecond: (histogram.count * 1000) / ms,
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    max: histogram.maxUs,
    cpuUs: (user + system) / histogram.count,
  };
}
