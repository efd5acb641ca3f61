/** Owns the measurement of speed: every peer by every workload at every concurrency, in turns. */

import type { Load } from './job.ts';
import { medians } from './median.ts';
import { KNOWN, KNOWN_COUNT, unused } from './numbers.ts';
import type { Peer, Workload } from './peers.ts';
import { sample } from './sample.ts';
import type { Player, Sample } from './sample.ts';

export interface SpeedRow {
  readonly workload: Workload;
  readonly concurrency: number;
  readonly peer: string;
  readonly median: Sample;
  readonly samples: readonly Sample[];
}

export interface SpeedPlan {
  readonly peers: readonly Peer[];
  readonly concurrencies: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly play: Player;
}

/** More than any filter takes in a second. */
const MOST_PER_SECOND = 30_000;

export function loadOf(workload: Workload, concurrency: number, seconds: number): Load {
  const load = { concurrency, rate: null, until: { seconds }, recipients: 1 };
  return workload === 'new'
    ? { ...load, first: unused(Math.ceil(seconds * MOST_PER_SECOND)), pool: null, expect: 'deferred' }
    : { ...load, first: KNOWN, pool: KNOWN_COUNT, expect: 'accepted' };
}

/** One round is each peer once: what else the machine does meanwhile hits all of them alike. */
export async function measureSpeed({
  peers,
  concurrencies,
  rounds,
  seconds,
  play,
}: SpeedPlan): Promise<SpeedRow[]> {
  const rows: SpeedRow[] = [];
  for (const workload of ['new', 'known'] as const) {
    for (const concurrency of concurrencies) {
      const samples = peers.map((): Sample[] => []);
      for (let round = 0; round < rounds; round++) {
        for (const [i, { at }] of peers.entries()) {
          const { filter, target } = at[workload];
          samples[i]!.push(await sample(filter, target, loadOf(workload, concurrency, seconds), play));
        }
      }
      for (const [i, { name }] of peers.entries())
        rows.push({ workload, concurrency, peer: name, median: medians(samples[i]!), samples: samples[i]! });
    }
  }
  return rows;
}
