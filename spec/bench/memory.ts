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
/** The difference counts: the first connections find room that start-up has left. */
const FEW = 1000;
const MANY = 3000;
const RECIPIENTS = 50;
const CONCURRENCY = 128;

/** `triplets`: how many new ones it is then given, in messages of many recipients; 0: none. */
export async function measureMemory(
  command: Command,
  generator: GeneratorProcess,
  triplets: number,
): Promise<Memory> {
  const filter = await FilterProcess.start(command);
  try {
    await sleep(SETTLE_MS);
    const atStart = filter.usage().rssBytes;
    const few = await holding(filter, generator, FEW);
    const many = await holding(filter, generator, MANY);
    const perThousandIdle = ((many - few) * 1000) / (MANY - FEW);
    const { readyMs } = filter;
    if (triplets === 0)
      return { readyMs, atStart, perThousandIdle, afterTriplets: null, tripletsPerSecond: null };
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
    await sleep(SETTLE_MS);
    const afterTriplets = filter.usage().rssBytes - atStart;
    return { readyMs, atStart, perThousandIdle, afterTriplets, tripletsPerSecond: triplets / seconds };
  } finally {
    await filter.stop();
  }
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
