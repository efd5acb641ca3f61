/** Owns how the figures of the part `spf` are printed, and what they must reach. */

import { SPF_CONTESTANTS, type SpfContestant, type SpfRow } from './spf.ts';
import type { Verdict } from './targets.ts';
import { textTable } from './text-table.ts';

/** `/s`: sessions per second; `CPU`: of the filter, µs per session. */
export function spfPage(rows: readonly SpfRow[]): string {
  const columns = [...new Set(rows.map(({ concurrency }) => concurrency))].flatMap((concurrency) =>
    (['new', 'known'] as const).map((names) => ({ concurrency, names })),
  );
  return textTable(
    [
      'SPF of HELO and MAIL FROM, names new or known',
      ...columns.flatMap(({ concurrency, names }) => [`c=${concurrency}, ${names} /s`, 'CPU']),
    ],
    SPF_CONTESTANTS.map((contestant) => [
      contestant,
      ...columns.flatMap((column) => {
        const { sessionsPerSecond, cpuUs } = rows.find(
          (row) =>
            row.contestant === contestant &&
            row.concurrency === column.concurrency &&
            row.names === column.names,
        )!.median;
        return [sessionsPerSecond, cpuUs].map(Math.round);
      }),
    ]),
  );
}

const WANTED = 10;

export function spfVerdicts(rows: readonly SpfRow[]): Verdict[] {
  return rows
    .filter(({ contestant }) => contestant === 'pyspf-milter')
    .map(({ names, concurrency, median: theirs }) => {
      const of = (contestant: SpfContestant): SpfRow['median'] =>
        rows.find(
          (row) => row.contestant === contestant && row.names === names && row.concurrency === concurrency,
        )!.median;
      const ours = of('Postern');
      const ratio = ours.sessionsPerSecond / theirs.sessionsPerSecond;
      const most = of('Postern without SPF').sessionsPerSecond / theirs.sessionsPerSecond;
      return {
        what: `SPF, ${names} names, c=${concurrency}, sessions/s`,
        target: `≥ ${WANTED} × pyspf-milter`,
        measured: `${ratio.toFixed(1)} × (${most.toFixed(1)} × without SPF), CPU ${(ours.cpuUs / theirs.cpuUs).toFixed(2)} ×`,
        reached: ratio >= WANTED,
      };
    });
}
