/** Owns what it costs to remember much: the same service with an empty database and with a full one, in turns. */

import { fileURLToPath } from 'node:url';
import { EXPIRED_SHARE, fill } from './fill.ts';
import type { Filled } from './fill.ts';
import { FilterProcess } from './filter-process.ts';
import type { GeneratorProcess } from './generator-process.ts';
import type { Load, Outcome } from './job.ts';
import { median, medians } from './median.ts';
import { KNOWN_COUNT, STORED, unused } from './numbers.ts';
import { postern } from './postern.ts';
import type { Flavour, PosternCommand } from './postern.ts';
import { sample } from './sample.ts';
import type { Player, Sample } from './sample.ts';
import { loadOf } from './speed.ts';

/** `empty`: a thousand triplets at first, and those of the measurement itself. */
export type Size = 'empty' | 'full';

export interface StoredRow {
  readonly load: 'new' | 'early';
  readonly concurrency: number;
  readonly cost: Readonly<Record<Size, Sample>>;
}

export interface Stored {
  readonly triplets: number;
  readonly filled: Filled;
  /** Medians, from the start of the process until it took a connection. */
  readonly readyMs: Readonly<Record<Size, number>>;
  readonly rows: readonly StoredRow[];
  /** At a steady rate, while expiry removes. */
  readonly steady: Outcome;
}

export interface StoredPlan {
  readonly flavour: Flavour;
  readonly folder: string;
  readonly generator: GeneratorProcess;
  readonly triplets: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly steadySeconds: number;
}

const STARTS = 3;
const STEADY_RATE = 300;
const WARM_SECONDS = 3;
const MOST_OPEN = 500;
const EARLY_EXPIRY = fileURLToPath(new URL('early-expiry.ts', import.meta.url));

export async function measureStored(plan: StoredPlan): Promise<Stored> {
  const { flavour, folder, triplets, generator } = plan;
  const command = (name: Size, nodeFlags: readonly string[] = []): PosternCommand =>
    postern(
      { ...flavour, nodeFlags: [...flavour.nodeFlags, ...nodeFlags] },
      { folder, name, port: null, delay: '1h' },
    );
  const [empty, full] = [command('empty'), command('full')];
  fill(empty.database, STORED, KNOWN_COUNT, Date.now());
  const filled = fill(full.database, STORED, triplets, Date.now());
  const readyMs = { empty: await startTime(empty), full: await startTime(full) };
  const rows = await sideBySide(plan, empty, full);
  const expiring = await FilterProcess.start(command('full', ['--import', EARLY_EXPIRY]));
  try {
    // The compiler's first seconds aside.
    await generator.play({ target: expiring.target, load: steadyLoad(WARM_SECONDS) });
    const steady = await generator.play({ target: expiring.target, load: steadyLoad(plan.steadySeconds) });
    return { triplets, filled, readyMs, rows, steady };
  } finally {
    await expiring.stop();
  }
}

async function startTime(command: PosternCommand): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const filter = await FilterProcess.start(command);
    times.push(filter.readyMs);
    await filter.stop();
  }
  return median(times);
}

async function sideBySide(
  plan: StoredPlan,
  empty: PosternCommand,
  full: PosternCommand,
): Promise<StoredRow[]> {
  const { generator, rounds, seconds } = plan;
  const play: Player = (target, load) => generator.play({ target, load });
  const filters = { empty: await FilterProcess.start(empty), full: await FilterProcess.start(full) };
  try {
    // Neither is to be measured before its code is compiled.
    for (const { target } of Object.values(filters)) await play(target, loadOf('new', 16, 2));
    const rows: StoredRow[] = [];
    for (const load of ['new', 'early'] as const) {
      for (const concurrency of [1, 16]) {
        const samples: Record<Size, Sample[]> = { empty: [], full: [] };
        for (let round = 0; round < rounds; round++) {
          for (const size of ['empty', 'full'] as const) {
            const stored = size === 'empty' ? KNOWN_COUNT : plan.triplets;
            const played =
              load === 'new' ? loadOf('new', concurrency, seconds) : retries(concurrency, seconds, stored);
            samples[size].push(await sample(filters[size], filters[size].target, played, play));
          }
        }
        rows.push({
          load,
          concurrency,
          cost: { empty: medians(samples.empty), full: medians(samples.full) },
        });
      }
    }
    return rows;
  } finally {
    await Promise.all(Object.values(filters).map((filter) => filter.stop()));
  }
}

/** Of what is stored and still waiting, all over the file. */
function retries(concurrency: number, seconds: number, stored: number): Load {
  const expired = Math.ceil(stored * EXPIRED_SHARE);
  return {
    concurrency,
    rate: null,
    until: { seconds },
    recipients: 1,
    first: STORED + expired,
    pool: stored - expired,
    shuffled: true,
    expect: 'deferred',
  };
}

function steadyLoad(seconds: number): Load {
  return {
    concurrency: MOST_OPEN,
    rate: STEADY_RATE,
    until: { seconds },
    recipients: 1,
    first: unused(STEADY_RATE * seconds * 2),
    pool: null,
    expect: 'deferred',
  };
}
