/** Owns what Postern must reach beside its peers, and whether it did. */

import type { DnsClient, DnsFigures, DnsRun } from './dns.ts';
import { megabytes } from './text-table.ts';
import type { Stored } from './stored.ts';
import type { Memory } from './memory.ts';
import type { PolicyRow } from './policy.ts';
import type { TableRow } from './tables.ts';
import { LIBMILTER, MILTER_GREYLIST, type Workload } from './peers.ts';
import type { SpeedRow } from './speed.ts';
import type { PostfixRow } from './through-postfix.ts';

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
}

/**
 * milter-greylist 4.3.3 beside libmilter accept-all, both over unix sockets, measured once on one machine: what the
 * peer that is not packaged in Debian would have shown here.
 */
const GREYLISTER = {
  'new 16': { rate: 6473 / 7690, cpu: 213 / 156, p99: 1221 / 799 },
  'new 128': { rate: 3744 / 4949, cpu: 401 / 296, p99: 22_151 / 16_908 },
  'known 16': { rate: 4908 / 3706, cpu: 254 / 326, p99: 1 },
} as const;

/** Beside milter-greylist itself where it is installed, else by libmilter accept-all; empty without that. */
export function speedVerdicts(rows: readonly SpeedRow[]): Verdict[] {
  const verdicts: Verdict[] = [];
  const compare = (
    workload: Workload,
    concurrency: 16 | 128,
    field: 'rate' | 'cpu' | 'p99',
    factor: number,
  ): void => {
    const value = (peer: string): number | undefined => {
      const row = rows.find(
        (one) => one.workload === workload && one.concurrency === concurrency && one.peer === peer,
      );
      return row && { rate: row.median.sessionsPerSecond, cpu: row.median.cpuUs, p99: row.median.p99 }[field];
    };
    const [ours, itself, accepting] = [value('Postern, unix'), value(MILTER_GREYLIST), value(LIBMILTER)];
    const theirs = itself ?? accepting;
    if (ours === undefined || theirs === undefined) return;
    const key = `${workload} ${concurrency}` as keyof typeof GREYLISTER;
    const wanted = itself === undefined ? factor * GREYLISTER[key][field] : factor;
    const ratio = ours / theirs;
    const names = { rate: 'sessions/s', cpu: 'CPU per session', p99: 'p99 at RCPT' };
    const most = field === 'rate' ? '≥' : '≤';
    verdicts.push({
      what: `${workload}, c=${concurrency}, ${names[field]}`,
      target:
        itself === undefined
          ? `${most} ${wanted.toFixed(2)} × libmilter (${factor} × milter-greylist)`
          : `${most} ${factor} × milter-greylist`,
      measured: `${ratio.toFixed(2)} ×`,
      reached: field === 'rate' ? ratio >= wanted : ratio <= wanted,
    });
  };
  compare('new', 16, 'rate', 1);
  compare('new', 16, 'cpu', 1);
  compare('new', 128, 'rate', 1.5);
  compare('new', 128, 'p99', 0.5);
  compare('known', 16, 'rate', 1.3);
  return verdicts;
}

export function memoryVerdicts(
  { atStart, perThousandIdle, afterTriplets }: Memory,
  triplets: number,
): Verdict[] {
  const most = (what: string, bytes: number, megabytes: number): Verdict => ({
    what,
    target: `≤ ${megabytes} MB`,
    measured: `${(bytes / 1e6).toFixed(1)} MB`,
    reached: bytes <= megabytes * 1e6,
  });
  return [
    most('memory at start', atStart, 90),
    most('memory per 1,000 idle connections', perThousandIdle, 17),
    ...(afterTriplets === null
      ? []
      : [most(`more memory after ${triplets} new triplets`, afterTriplets, 40)]),
  ];
}

export function storedVerdicts({ triplets, filled, readyMs, rows, steady }: Stored): Verdict[] {
  const worst = Math.max(...rows.map(({ cost }) => cost.full.cpuUs / cost.empty.cpuUs));
  const perKey = filled.bytesPerTriplet - filled.readableBytes;
  return [
    {
      what: `cost of one check with ${triplets} stored, CPU`,
      target: '≤ 2 × with none',
      measured: `${worst.toFixed(2)} ×`,
      reached: worst <= 2,
    },
    {
      what: `ready with ${triplets} stored`,
      target: '≤ 500 ms, as empty',
      measured: `${readyMs.full.toFixed(0)} ms, empty ${readyMs.empty.toFixed(0)} ms`,
      reached: readyMs.full <= 500,
    },
    {
      what: 'disk per key, readable part aside',
      target: '≤ 60 B',
      measured: `${perKey.toFixed(1)} B`,
      reached: perKey <= 60,
    },
    {
      what: '300 new/s while expiry runs, RCPT',
      target: 'p99 ≤ 10 ms, max ≤ 50 ms',
      measured: `p99 ${(steady.p99 / 1000).toFixed(1)} ms, max ${(steady.max / 1000).toFixed(1)} ms`,
      reached: steady.p99 <= 10_000 && steady.max <= 50_000,
    },
  ];
}

export function postfixVerdicts(rows: readonly PostfixRow[]): Verdict[] {
  return rows
    .filter(({ way }) => way.startsWith('Postern'))
    .flatMap(({ way, load, messagesPerSecond, msPerMessage }) => {
      const none = rows.find((one) => one.way === 'no milter' && one.load === load)!;
      const ratio = messagesPerSecond / none.messagesPerSecond;
      const moreMs = msPerMessage - none.msPerMessage;
      return [
        {
          what: `through Postfix (${load}), c=16, ${way}`,
          target: '≥ 0.95 × no milter',
          measured: `${ratio.toFixed(2)} ×`,
          reached: ratio >= 0.95,
        },
        {
          what: `through Postfix (${load}), c=1, ${way}`,
          target: 'no 40 ms stall',
          measured: `+${moreMs.toFixed(1)} ms a message`,
          reached: moreMs < 20,
        },
      ];
    });
}

export function policyVerdicts(rows: readonly PolicyRow[]): Verdict[] {
  const { microseconds } = rows.find(({ what }) => what === 'all findings there')!;
  return [
    {
      what: 'deciding thirty rules, findings there',
      target: '< 20 µs',
      measured: `${microseconds.toFixed(1)} µs`,
      reached: microseconds < 20,
    },
  ];
}

export function tableVerdicts(rows: readonly TableRow[]): Verdict[] {
  return rows
    .filter(({ entries }) => entries >= 100_000)
    .map(({ what, entries, readMs }) => ({
      what: `reading ${entries} entries of ${what}`,
      target: '< 1 s',
      measured: `${readMs.toFixed(0)} ms`,
      reached: readMs < 1000,
    }));
}

/** The issue's own: no dearer than what Node brings, and a cache within its bounds, by its own count and by V8's. */
export function dnsVerdicts({ rows, caches }: DnsFigures): Verdict[] {
  const of = (client: DnsClient, concurrency: number): DnsRun =>
    rows.find((row) => row.client === client && row.concurrency === concurrency)!.median;
  const [ours, node] = [of('ours', 32), of('node:dns', 32)];
  return [
    {
      what: 'CPU of a lookup, 32 at once, against node:dns',
      target: '<= 1.25 x',
      measured: `${(ours.cpuUs / node.cpuUs).toFixed(2)} x`,
      reached: ours.cpuUs <= 1.25 * node.cpuUs,
    },
    {
      what: 'lookups without an answer, 256 at once',
      target: '0',
      measured: String(of('ours', 256).failed),
      reached: of('ours', 256).failed === 0,
    },
    ...caches.map(({ what, bounds, filled }) => ({
      what: `heap of a million answers, ${what}`,
      target: `<= ${megabytes(Math.min(bounds.bytes, filled.bytes))}`,
      measured: megabytes(filled.heapBytes),
      reached: filled.heapBytes <= Math.min(bounds.bytes, filled.bytes) && filled.bytes <= bounds.bytes,
    })),
  ];
}
