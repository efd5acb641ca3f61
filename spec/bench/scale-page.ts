/** Owns how the figures of the part `store` are printed, and what they must reach. */

import { LOADS, type Scale } from './store-scale.ts';
import type { Verdict } from './targets.ts';
import { textTable } from './text-table.ts';

/** `p50 p99`: µs of a judgement, sixteen at a time; `CPU`: of the whole process, µs a judgement. */
export function scalePage({ rows, migrated }: Scale): string {
  const judging = textTable(
    ['One judgement', 'stored', ...LOADS.flatMap((load) => [`${load} /s`, 'p50', 'p99', 'CPU'])],
    rows.map(({ shape, stored, cost }) => [
      shape,
      stored,
      ...LOADS.flatMap((load) => {
        const { perSecond, p50, p99, cpuUs } = cost[load];
        return [perSecond, p50, p99, cpuUs].map(Math.round);
      }),
    ]),
  );
  const full = rows.filter(({ stored }) => stored > 0);
  const files = textTable(
    ['The file', 'stored', 'B a triplet', 'of it text', 'ready, ms', 'killed: lost', 'ready, ms'],
    full.map(({ shape, stored, filled, readyMs, killed }) => [
      shape,
      stored,
      filled!.bytesPerTriplet.toFixed(1),
      filled!.readableBytes.toFixed(1),
      Math.round(readyMs),
      `${killed!.lost} of ${killed!.acknowledged}`,
      Math.round(killed!.readyMs),
    ]),
  );
  const expiring = textTable(
    [
      '300 new a second, ms',
      'stored',
      'p50',
      'p99',
      'max',
      'expiring p99',
      'max',
      'gone /s',
      'slice p50',
      'p99',
      'max',
    ],
    full.map(({ shape, stored, purge }) => {
      const { without, beside, removed, seconds, slice } = purge!;
      const waits = [without.p50, without.p99, without.max, beside.p99, beside.max].map(milliseconds);
      const slices = [slice.p50, slice.p99, slice.max].map(milliseconds);
      return [shape, stored, ...waits, Math.round(removed / seconds), ...slices];
    }),
  );
  const old = `A file of the first version, ${migrated.stored} triplets: ready after ${Math.round(migrated.readyMs)} ms, ${migrated.lost} lost`;
  return [judging, files, expiring, old].join('\n\n');
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(1);
}

const MOST_STALL_US = 20_000;
const MOST_READY_MS = 500;
/** Once in the life of a file. */
const MOST_MIGRATION_MS_PER_MILLION = 10_000;

export function scaleVerdicts({ rows, migrated }: Scale): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { shape, stored, cost, filled, readyMs, purge, killed } of rows) {
    if (stored === 0) continue;
    const empty = rows.find((row) => row.shape === shape && row.stored === 0)!;
    const dearer = Math.max(...LOADS.map((load) => cost[load].cpuUs / empty.cost[load].cpuUs));
    const keys = shape === 'network alone' ? 1 : 4;
    const perKey = (filled!.bytesPerTriplet - filled!.readableBytes) / keys;
    const add = (what: string, target: string, measured: string, reached: boolean): void => {
      verdicts.push({ what: `${shape}, ${stored} stored: ${what}`, target, measured, reached });
    };
    add('CPU of a judgement', '≤ 2 × with none', `${dearer.toFixed(2)} ×`, dearer <= 2);
    add(
      'a slice of expiry, p99',
      '≤ 20 ms',
      `${milliseconds(purge!.slice.p99)} ms`,
      purge!.slice.p99 <= MOST_STALL_US,
    );
    add(
      'a judgement while expiring, longest',
      '≤ 20 ms',
      `${milliseconds(purge!.beside.max)} ms`,
      purge!.beside.max <= MOST_STALL_US,
    );
    add('disk per key, readable part aside', '≤ 60 B', `${perKey.toFixed(1)} B`, perKey <= 60);
    add('ready', `≤ ${MOST_READY_MS} ms`, `${readyMs.toFixed(0)} ms`, readyMs <= MOST_READY_MS);
    add('lost by kill -9', '0', String(killed!.lost), killed!.lost === 0);
  }
  const measured = `${migrated.readyMs.toFixed(0)} ms, ${migrated.lost} lost`;
  const mostMs = Math.max(MOST_READY_MS, (migrated.stored / 1e6) * MOST_MIGRATION_MS_PER_MILLION);
  const reached = migrated.readyMs <= mostMs && migrated.lost === 0;
  const what = `a file of the first version, ${migrated.stored} stored: ready`;
  return [...verdicts, { what, target: `≤ ${mostMs} ms, 0 lost`, measured, reached }];
}
