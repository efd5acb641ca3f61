/** Owns how the bench's figures are printed: a plain text table for each part. */

import { DNS_CLIENTS, type DnsFigures } from './dns.ts';
import type { Memory } from './memory.ts';
import type { PolicyRow } from './policy.ts';
import type { TableRow } from './tables.ts';
import type { SpeedRow } from './speed.ts';
import type { Stored } from './stored.ts';
import type { Verdict } from './targets.ts';
import type { PostfixRow } from './through-postfix.ts';
import { megabytes, textTable } from './text-table.ts';
import type { Cell } from './text-table.ts';

const WORKLOADS = {
  new: 'New triplet, deferred',
  known: 'Known triplet, message accepted (8 headers, 1 kB body)',
} as const;

/** `/s`: sessions per second; `p50 p99`: µs at RCPT; `CPU`: of the filter, µs per session. */
export function speedPage(rows: readonly SpeedRow[], generator: string): string {
  const concurrencies = [...new Set(rows.map(({ concurrency }) => concurrency))];
  const head = ['', ...concurrencies.flatMap((c) => [`c=${c} /s`, 'p50', 'p99', 'CPU'])];
  const parts = (['new', 'known'] as const).map((workload) => {
    const ours = rows.filter((row) => row.workload === workload);
    const lines = [...new Set(ours.map(({ peer }) => peer))].map((peer): Cell[] => [
      peer,
      ...ours
        .filter((row) => row.peer === peer)
        .flatMap(({ median: { sessionsPerSecond, p50, p99, cpuUs } }) =>
          [sessionsPerSecond, p50, p99, cpuUs].map(Math.round),
        ),
    ]);
    return `${WORKLOADS[workload]}; load by ${generator}\n${textTable(head, lines)}`;
  });
  return parts.join('\n\n');
}

export function memoryPage(memories: ReadonlyMap<string, Memory>): string {
  const head = ['Memory (resident)', 'at start', 'per 1,000 idle', 'after new triplets', 'ready after'];
  const lines = [...memories].map(([name, { atStart, perThousandIdle, afterTriplets, readyMs }]) => [
    name,
    megabytes(atStart),
    megabytes(perThousandIdle),
    afterTriplets === null ? '-' : `+${megabytes(afterTriplets)}`,
    `${Math.round(readyMs)} ms`,
  ]);
  return textTable(head, lines);
}

export function storedPage({ triplets, filled, rows }: Stored): string {
  const head = [`One check, Postern, unix`, 'stored', '/s', 'p50', 'p99', 'CPU'];
  const lines = rows.flatMap(({ load, concurrency, cost }) =>
    (['empty', 'full'] as const).map((size) => {
      const { sessionsPerSecond, p50, p99, cpuUs } = cost[size];
      const what = load === 'new' ? 'new triplet' : 'early retry of any stored one';
      const stored = size === 'empty' ? 'few' : triplets;
      return [`${what}, c=${concurrency}`, stored, ...[sessionsPerSecond, p50, p99, cpuUs].map(Math.round)];
    }),
  );
  const { bytesPerTriplet, readableBytes, perSecond } = filled;
  const disk =
    `Disk: ${bytesPerTriplet.toFixed(1)} B per triplet, ${readableBytes.toFixed(1)} B of them readable text` +
    ` (filled at ${Math.round(perSecond)} triplets/s)`;
  return `${textTable(head, lines)}\n${disk}`;
}

export function postfixPage(rows: readonly PostfixRow[]): string {
  return textTable(
    ['Known triplet through Postfix', 'load', 'c=16 messages/s', 'c=1 ms/message'],
    rows.map(({ way, load, messagesPerSecond, msPerMessage }) => [
      way,
      load,
      Math.round(messagesPerSecond),
      msPerMessage.toFixed(2),
    ]),
  );
}

export function policyPage(rows: readonly PolicyRow[]): string {
  return textTable(
    ['Thirty rules, none objects', 'µs a decision'],
    rows.map(({ what, microseconds }) => [what, microseconds.toFixed(1)]),
  );
}

export function tablesPage(rows: readonly TableRow[]): string {
  return textTable(
    ['Access tables', 'entries', 'read, ms', 'µs, found', 'µs, not found'],
    rows.map(({ what, entries, readMs, foundMicroseconds, missedMicroseconds }) => [
      what,
      String(entries),
      readMs.toFixed(0),
      foundMicroseconds.toFixed(1),
      missedMicroseconds.toFixed(1),
    ]),
  );
}

export function verdictPage(verdicts: readonly Verdict[]): string {
  return textTable(
    ['Target', 'wanted', 'measured', ''],
    verdicts.map(({ what, target, measured, reached }) => [
      what,
      target,
      measured,
      reached ? 'reached' : 'MISSED',
    ]),
  );
}

/** `/s`: lookups per second; `CPU`: of the client, µs a lookup; `failed`: without an answer in five seconds. */
export function dnsPage({ server, rows, caches }: DnsFigures): string {
  const concurrencies = [...new Set(rows.map(({ concurrency }) => concurrency))];
  const head = [
    `Lookups of A, by ${server}`,
    ...concurrencies.flatMap((c) => [`c=${c} /s`, 'CPU', 'failed']),
  ];
  const speed = textTable(
    head,
    DNS_CLIENTS.map((client) => [
      client,
      ...rows
        .filter((row) => row.client === client)
        .flatMap(({ median: { perSecond, cpuUs, failed } }) => [
          Math.round(perSecond),
          cpuUs.toFixed(1),
          failed,
        ]),
    ]),
  );
  const cache = textTable(
    ['A million answers remembered', 'bound', 'kept', 'counted', 'heap', 'resident', 'µs new', 'µs known'],
    caches.map(({ what, bounds, filled }) => [
      what,
      megabytes(bounds.bytes),
      filled.entries,
      megabytes(filled.bytes),
      megabytes(filled.heapBytes),
      `+${megabytes(filled.rssBytes)}`,
      filled.fillUs.toFixed(1),
      filled.hitUs.toFixed(1),
    ]),
  );
  return `${speed}\n\n${cache}`;
}
