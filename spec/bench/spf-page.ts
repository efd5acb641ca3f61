/** Owns how the figures of the part `spf` are printed, and what they must reach. */

import type { SpfRow } from './spf.ts';
import type { Verdict } from './targets.ts';
import { textTable } from './text-table.ts';

const NAMES = { none: 'without SPF', new: 'new names', known: 'known names' } as const;

/** `/s`: sessions per second; `CPU`: of the filter, µs per session. */
export function spfPage(rows: readonly SpfRow[]): string {
  const concurrencies = [...new Set(rows.map(({ concurrency }) => concurrency))];
  const lines = rows.filter(({ concurrency }) => concurrency === concurrencies[0]);
  return textTable(
    ['SPF of HELO and MAIL FROM', ...concurrencies.flatMap((c) => [`c=${c} /s`, 'CPU'])],
    lines.map(({ peer, names }) => [
      `${peer}, ${NAMES[names]}`,
      ...rows
        .filter((row) => row.peer === peer && row.names === names)
        .flatMap(({ median: { sessionsPerSecond, cpuUs } }) => [sessionsPerSecond, cpuUs].map(Math.round)),
    ]),
  );
}

const WANTED = 10;

export function spfVerdicts(rows: readonly SpfRow[]): Verdict[] {
  const theirs = rows.filter(({ peer }) => peer === 'pyspf-milter');
  return theirs.map(({ names, concurrency, median }) => {
    const ours = rows.find(
      (row) => row.peer === 'Postern' && row.names === names && row.concurrency === concurrency,
    )!;
    const ratio = ours.median.sessionsPerSecond / median.sessionsPerSecond;
    return {
      what: `SPF, ${NAMES[names]}, c=${concurrency}, sessions/s`,
      target: `≥ ${WANTED} × pyspf-milter`,
      measured: `${ratio.toFixed(1)} ×`,
      reached: ratio >= WANTED,
    };
  });
}
