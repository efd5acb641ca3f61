/** Owns the simulation as a measurement: each configuration over each seed, and what is told of it. */

import { ABLATIONS, PEERS, type AblationName, type PeerName } from './configurations.ts';
import { mailOf, PAIRS, READING, type Mail, type Reading } from './mail.ts';
import { play, type Fate } from './play.ts';
import { BOT_KINDS, SERVER_KINDS, type BotKind, type ServerKind } from './retries.ts';

/** Of wanted mail of all seeds together. */
export interface Delays {
  readonly mails: number;
  /** Percent. */
  readonly atOnce: number;
  /** From the first try until it was let in; Infinity: never. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Given back to its sender. */
  readonly lost: number;
  /** Percent that was let in so many ms after its first try or sooner, wherever it grows. */
  readonly curve: readonly (readonly [ms: number, percent: number])[];
}

export interface Simulated {
  readonly delays: Readonly<Record<ServerKind | 'all', Delays>>;
  /** Percent of the unwanted that never got in. */
  readonly stopped: Readonly<Record<BotKind | 'all', number>>;
  /** The least and the most of any seed, of all. */
  readonly stoppedBetween: readonly [least: number, most: number];
  /** Triplets a seed, as the store counts. */
  readonly neverReturned: number;
  readonly attempts: number;
}

/** What the model leaves open, read otherwise. */
export const OTHER_READINGS = {
  'every pair has a server of its own': { ...READING, pairsPerHost: 1, pairsPerPool: 1 },
  'bots have generic names': { ...READING, botsNamed: true },
} as const satisfies Readonly<Record<string, Reading>>;
export type OtherReading = keyof typeof OTHER_READINGS;

export interface Simulation {
  readonly seeds: readonly number[];
  readonly peers: Readonly<Record<PeerName, Simulated>>;
  readonly ablationSeeds: readonly number[];
  readonly ablations: Readonly<Record<AblationName, Simulated>>;
  readonly readings: Readonly<Record<OtherReading, Readonly<Record<PeerName, Simulated>>>>;
}

/** `pairs`: fewer than the model's, for a spec. */
export async function simulate(
  seeds: readonly number[],
  ablationSeeds: readonly number[],
  say: (text: string) => void,
  pairs = PAIRS,
): Promise<Simulation> {
  const each = <N extends string>(of: Readonly<Record<N, string>>, on: readonly number[], reading: Reading) =>
    simulateEach(of, on, (seed) => mailOf(seed, reading, pairs));
  say(`simulating: ${Object.keys(PEERS).join(', ')}; seeds ${seeds.join(', ')}`);
  const peers = await each(PEERS, seeds, READING);
  say(`simulating: what contributes what; seeds ${ablationSeeds.join(', ')}`);
  const ablations = await each(ABLATIONS, ablationSeeds, READING);
  const readings = {} as Record<OtherReading, Record<PeerName, Simulated>>;
  for (const [name, reading] of Object.entries(OTHER_READINGS)) {
    say(`simulating: ${name}; seeds ${ablationSeeds.join(', ')}`);
    readings[name as OtherReading] = await each(PEERS, ablationSeeds, reading);
  }
  return { seeds, peers, ablationSeeds, ablations, readings };
}

/** Seed by seed: a month of mail takes 200 MB. */
async function simulateEach<N extends string>(
  configurations: Readonly<Record<N, string>>,
  seeds: readonly number[],
  monthOfMail: (seed: number) => readonly Mail[],
): Promise<Record<N, Simulated>> {
  const names = Object.keys(configurations) as N[];
  const months = new Map<N, Month[]>(names.map((name) => [name, []]));
  for (const seed of seeds) {
    const mails = monthOfMail(seed);
    for (const name of names) months.get(name)!.push(monthOf(await play(mails, configurations[name])));
  }
  return Object.fromEntries(names.map((name) => [name, simulatedOf(months.get(name)!)])) as Record<
    N,
    Simulated
  >;
}

/** What is kept of a month: the fates of a quarter of a million messages need not all be. */
interface Month {
  /** Infinity: given up. */
  readonly delays: Readonly<Record<ServerKind, number[]>>;
  readonly unwanted: Readonly<Record<BotKind, { all: number; stopped: number }>>;
  readonly neverReturned: number;
  readonly attempts: number;
}

function monthOf(played: {
  readonly fates: readonly Fate[];
  readonly neverReturned: number;
  readonly attempts: number;
}): Month {
  const delays = { postfix: [], exim: [], exchange: [], pool: [], hidden: [] } as Record<
    ServerKind,
    number[]
  >;
  const none = (): { all: number; stopped: number } => ({ all: 0, stopped: 0 });
  const unwanted = { once: none(), soon: none(), patient: none(), roaming: none(), account: none() };
  for (const { mail, delayMs } of played.fates) {
    if (mail.wanted) delays[mail.kind].push(delayMs ?? Infinity);
    else {
      const kind = unwanted[mail.kind];
      kind.all += 1;
      if (delayMs === null) kind.stopped += 1;
    }
  }
  const { neverReturned, attempts } = played;
  return { delays, unwanted, neverReturned, attempts };
}

function simulatedOf(months: readonly Month[]): Simulated {
  const delays = {} as Record<ServerKind | 'all', Delays>;
  for (const kind of SERVER_KINDS) delays[kind] = delaysOf(months.flatMap((month) => month.delays[kind]));
  delays.all = delaysOf(months.flatMap((month) => Object.values(month.delays).flat()));
  const stopped = {} as Record<BotKind | 'all', number>;
  for (const kind of BOT_KINDS) stopped[kind] = stoppedOf(months, [kind]);
  stopped.all = stoppedOf(months, BOT_KINDS);
  const bySeed = months.map((month) => stoppedOf([month], BOT_KINDS));
  const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return {
    delays,
    stopped,
    stoppedBetween: [Math.min(...bySeed), Math.max(...bySeed)],
    neverReturned: mean(months.map((month) => month.neverReturned)),
    attempts: mean(months.map((month) => month.attempts)),
  };
}

function stoppedOf(months: readonly Month[], kinds: readonly BotKind[]): number {
  let [all, stopped] = [0, 0];
  for (const { unwanted } of months)
    for (const kind of kinds) {
      all += unwanted[kind].all;
      stopped += unwanted[kind].stopped;
    }
  return (100 * stopped) / all;
}

export function delaysOf(delays: readonly number[]): Delays {
  const sorted = Float64Array.from(delays).toSorted();
  const quantile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  const lost = sorted.length - sorted.findIndex((ms) => ms === Infinity);
  const curve: [number, number][] = [];
  for (const [i, ms] of sorted.entries()) {
    if (ms === Infinity) break;
    if (sorted[i + 1] !== ms) curve.push([ms, (100 * (i + 1)) / sorted.length]);
  }
  return {
    mails: sorted.length,
    atOnce: curve[0]?.[0] === 0 ? curve[0][1] : 0,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    lost: lost > sorted.length ? 0 : lost,
    curve,
  };
}
