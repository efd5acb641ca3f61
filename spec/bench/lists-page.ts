/** Owns how the figures of the part `lists` are printed, and what they must reach. */

import { AWAY_MS, LISTS, type ListsFigures } from './lists.ts';
import type { Verdict } from './targets.ts';
import { textTable } from './text-table.ts';

const CACHES = {
  none: 'no lists',
  cold: `${LISTS} lists, every client new`,
  warm: `${LISTS} lists, known clients`,
} as const;

/** `/s`: sessions per second; `p50 p99`: µs at RCPT; `CPU`: of the filter, µs per session. */
export function listsPage({ rows, ways }: ListsFigures): string {
  const concurrencies = [...new Set(rows.map(({ concurrency }) => concurrency))];
  const head = [
    `DNS lists ${AWAY_MS} ms away`,
    ...concurrencies.flatMap((c) => [`c=${c} /s`, 'p50', 'p99', 'CPU']),
  ];
  const lines = (['none', 'cold', 'warm'] as const).map((caches) => [
    CACHES[caches],
    ...rows
      .filter((row) => row.caches === caches)
      .flatMap(({ median: { sessionsPerSecond, p50, p99, cpuUs } }) =>
        [sessionsPerSecond, p50, p99, cpuUs].map(Math.round),
      ),
  ]);
  const socket = textTable(head, lines);
  if (ways === null) return socket;
  const through = textTable(
    [`${LISTS} lists through Postfix, cold`, 'ms to RCPT', 'round trips'],
    ways.map(({ way, ms, roundTrips }) => [way, ms.toFixed(1), roundTrips.toFixed(2)]),
  );
  return `${socket}\n\n${through}`;
}

const MOST_ROUND_TRIPS = 1.5;

export function listsVerdicts({ roundTripsAtSocket, ways }: ListsFigures): Verdict[] {
  const own = ways?.find(({ way }) => way === "Postfix's own lists");
  const told = (what: string, roundTrips: number, beside = ''): Verdict => ({
    what: `${LISTS} lists ${AWAY_MS} ms away, cold, ${what}`,
    target: `≤ ${MOST_ROUND_TRIPS} round trips`,
    measured: `${roundTrips.toFixed(2)}${beside}`,
    reached: roundTrips <= MOST_ROUND_TRIPS,
  });
  return [
    told('at the socket', roundTripsAtSocket),
    ...(ways ?? [])
      .filter(({ way }) => way === 'Postern')
      .map(({ roundTrips }) =>
        told('through Postfix', roundTrips, own && `, Postfix's own ${own.roundTrips.toFixed(2)}`),
      ),
  ];
}
