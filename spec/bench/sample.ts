/** Owns Sample: what one run of load says about a filter. */

import type { FilterProcess } from './filter-process.ts';
import type { Load, Outcome, Target } from './job.ts';

export interface Sample {
  readonly sessionsPerSecond: number;
  /** At RCPT, in microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the filter's process, all its threads, per session. */
  readonly cpuUs: number;
}

/** Plays a load; in our own generator or in another. */
export type Player = (target: Target, load: Load) => Promise<Outcome>;

export async function sample(
  filter: FilterProcess,
  target: Target,
  load: Load,
  play: Player,
): Promise<Sample> {
  const before = filter.usage();
  const { sessions, seconds, p50, p99, max } = await play(target, load);
  const after = filter.usage();
  return {
    sessionsPerSecond: sessions / seconds,
    p50,
    p99,
    max,
    cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / sessions,
  };
}
