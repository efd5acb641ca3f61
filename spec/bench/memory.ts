/** Owns the measurement of memory: at start, with idle connections, after many new triplets. */

import { setTimeout as sleep } from 'node:timers/promises';
import { FilterProcess } from './filter-process.ts';
import type { Command } from './filter-process.ts';
import type { GeneratorProcess } from './generator-process.ts';
import { unused } from './numbers.ts';

/** Resident bytes. */
export interface Memory {
  readonly readyMs: number;
  readonly atStart: number;
  readonly perThousandIdle: number;
  /** More than at start, with no connection left; null: was not asked for. */
  readonly afterTriplets: number | null;
  readonly tripletsPerSecond: number | null;
}

/** Start-up's own garbage is collected when the process has been idle for a while. */
const SETTLE_MS = 1500;
/** By then a burst's memory is given back (lib/give-back.ts). */
const OVER_MS = 65_000;
/** The difference counts: the first connections find room that start-up has left. */
const FEW = 1000;
const MANY = 3000;
const RECIPIENTS = 50;
const CONCURRENCY = 128;

/** `triplets`: how many new ones one is given that has had no connection before, in messages of many recipients; 0: none. */
export async function measureMemory(
  command: Command,
  generator: GeneratorProcess,
  triplets: number,
): Promise<Memory> {
  const idle = await started(command, (filter, atStart) => measureIdle(filter, generator, atStart));
  if (triplets === 0) return { ...idle, afterTriplets: null, tripletsPerSecond: null };
  const loaded = await started(command, (filter, atStart) =>
    measureLoaded(filter, generator, atStart, triplets),
  );
  return { ...idle, ...loaded };
}

async function started<T>(
  command: Command,
  measure: (filter: FilterProcess, atStart: number) => Promise<T>,
): Promise<T> {
  const filter = await FilterProcess.start(command);
  try {
    await sleep(SETTLE_MS);
    return await measure(filter, filter.usage().rssBytes);
  } finally {
    await filter.stop();
  }
}

async function measureIdle(
  filter: FilterProcess,
  generator: GeneratorProcess,
  atStart: number,
): Promise<Pick<Memory, 'readyMs' | 'atStart' | 'perThousandIdle'>> {
  const few = await holding(filter, generator, FEW);
  const many = await holding(filter, generator, MANY);
  return { readyMs: filter.readyMs, atStart, perThousandIdle: ((many - few) * 1000) / (MANY - FEW) };
}

async function measureLoaded(
  filter: FilterProcess,
  generator: GeneratorProcess,
  atStart: number,
  triplets: number,
): Promise<Pick<Memory, 'afterTriplets' | 'tripletsPerSecond'>> {
  const sessions = Math.ceil(triplets / RECIPIENTS);
  const { seconds } = await generator.play({
    target: filter.target,
    load: {
      concurrency: CONCURRENCY,
      rate: null,
      until: { sessions },
      recipients: RECIPIENTS,
      first: unused(sessions),
      pool: null,
      expect: 'deferred',
    },
  });
  await sleep(OVER_MS);
  return { afterTriplets: filter.usage().rssBytes - atStart, tripletsPerSecond: triplets / seconds };
}

/** Resident bytes with so many connections that have said HELO. */
async function holding(
  filter: FilterProcess,
  generator: GeneratorProcess,
  connections: number,
): Promise<number> {
  await generator.hold(filter.target, connections);
  await sleep(SETTLE_MS);
  const { rssBytes } = filter.usage();
  await generator.release();
  return rssBytes;
}
