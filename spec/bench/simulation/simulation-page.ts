/** Owns how the simulation is printed, and what it must reach. */

import type { Verdict } from '../targets.ts';
import { textTable, type Cell } from '../text-table.ts';
import { BOT_KINDS, HOUR, MINUTE, SERVER_KINDS, type BotKind, type ServerKind } from './retries.ts';
import type { Delays, Simulated, Simulation } from './simulate.ts';

const SERVERS: Readonly<Record<ServerKind | 'all', string>> = {
  all: 'all wanted mail',
  postfix: 'one host, Postfix',
  exim: 'one host, Exim',
  exchange: 'one host, Exchange',
  pool: 'pool, SPF and names',
  hidden: 'pool, neither',
};

const BOTS: Readonly<Record<BotKind | 'all', string>> = {
  once: 'once',
  soon: 'within 30 s',
  patient: '10 min',
  roaming: 'botnet, 1 h',
  account: 'from pools',
  all: 'all',
};

/** Delays of wanted mail, then what was stopped, then the same of Postern with one thing changed at a time. */
export function simulationPage({ seeds, peers, ablationSeeds, ablations, readings }: Simulation): string {
  const delays = textTable(
    ['Added delay of wanted mail', 'at once', 'p50', 'p95', 'p99', 'max', 'given back'],
    (['all', ...SERVER_KINDS] as const).flatMap((kind) =>
      Object.entries(peers).map(([peer, simulated]) => [
        `${SERVERS[kind]}: ${peer}`,
        ...delayCells(simulated.delays[kind]),
      ]),
    ),
  );
  return [
    `30 days, ${peers.Postern.delays.all.mails / seeds.length} wanted messages a month; seeds ${seeds.join(', ')}`,
    delays,
    stoppedTable('Unwanted mail stopped, percent', Object.entries(peers)),
    `${ablationTable(Object.entries(ablations))}\n(seeds ${ablationSeeds.join(', ')})`,
    ...Object.entries(readings).map(
      ([reading, of]) =>
        `If ${reading} (seeds ${ablationSeeds.join(', ')}):\n${ablationTable(Object.entries(of))}`,
    ),
  ].join('\n\n');
}

function delayCells({ atOnce, p50Ms, p95Ms, p99Ms, maxMs, lost }: Delays): Cell[] {
  return [`${atOnce.toFixed(1)} %`, ...[p50Ms, p95Ms, p99Ms, maxMs].map(spoken), lost];
}

function stoppedTable(title: string, rows: readonly (readonly [string, Simulated])[]): string {
  const kinds = [...BOT_KINDS, 'all'] as const;
  return textTable(
    [title, ...kinds.map((kind) => BOTS[kind]), 'by seed', 'tries a month', 'never returned'],
    rows.map(([name, { stopped, stoppedBetween, attempts, neverReturned }]) => [
      name,
      ...kinds.map((kind) => stopped[kind].toFixed(kind === 'all' ? 2 : 0)),
      stoppedBetween.map((percent) => percent.toFixed(2)).join('–'),
      Math.round(attempts),
      Math.round(neverReturned),
    ]),
  );
}

function ablationTable(rows: readonly (readonly [string, Simulated])[]): string {
  return textTable(
    ['Postern', 'at once', 'one host p95', 'pool p95', 'max', 'hidden p50', 'p95', 'max', 'stopped'],
    rows.map(([name, { delays, stopped }]) => [
      name,
      `${delays.all.atOnce.toFixed(1)} %`,
      spoken(delays.postfix.p95Ms),
      ...[delays.pool.p95Ms, delays.pool.maxMs].map(spoken),
      ...[delays.hidden.p50Ms, delays.hidden.p95Ms, delays.hidden.maxMs].map(spoken),
      `${stopped.all.toFixed(2)} %`,
    ]),
  );
}

/** `0`, `16m`, `6h 6m`, `2d 1h`; Infinity: `never`. */
export function spoken(ms: number): string {
  if (ms === Infinity) return 'never';
  if (ms === 0) return '0';
  const minutes = Math.round(ms / MINUTE);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return hours === 0 ? `${days}d` : `${days}d ${hours}h`;
  const rest = minutes % 60;
  if (hours > 0) return rest === 0 ? `${hours}h` : `${hours}h ${rest}m`;
  return `${rest}m`;
}

/** After 1 and 5 minutes. */
const SECOND_RETRY_MS = 6 * MINUTE;
const MOST_FROM_POOLS_MS = HOUR;
const MOST_WORSE = 1;

export function simulationVerdicts({ peers }: Simulation): Verdict[] {
  const { pool } = peers.Postern.delays;
  const [ours, theirs] = [peers.Postern.stopped.all, peers['as postgrey'].stopped.all];
  return [
    {
      what: 'pools with SPF or names, p95',
      target: `≤ ${spoken(SECOND_RETRY_MS)}, their second retry`,
      measured: spoken(pool.p95Ms),
      reached: pool.p95Ms <= SECOND_RETRY_MS,
    },
    {
      what: 'pools with SPF or names, longest',
      target: `≤ ${spoken(MOST_FROM_POOLS_MS)}`,
      measured: spoken(pool.maxMs),
      reached: pool.maxMs <= MOST_FROM_POOLS_MS,
    },
    {
      what: 'unwanted mail stopped',
      target: `≥ postgrey's - ${MOST_WORSE} point`,
      measured: `${ours.toFixed(2)} %, postgrey's ${theirs.toFixed(2)} %`,
      reached: ours >= theirs - MOST_WORSE,
    },
  ];
}
