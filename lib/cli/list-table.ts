/** Owns the table of `postern lists`, for 80 to 100 columns. */

import { isUnproven, listAdvice, UNPROVEN } from '../control/list-advice.ts';
import { shownList, type ListReport } from '../control/list-report.ts';
import { wrapped } from './wrapped.ts';

const HEAD = ['list', 'state', 'since', 'queries', 'hits', 'rate', 'median', 'p95'];
/** Figures stand under each other. */
const FIRST_FIGURE = 3;
const WIDTH = 96;
/** Of a list in the company of few others: longer ones push the rest of their line to the right. */
const LONGEST_NAME = 32;
/** Who shares the most comes first; a list may share with all the others. */
const MOST_OVERLAPS = 3;

export function listTable(reports: readonly ListReport[]): string[] {
  const rows = [HEAD, ...reports.map(cells)];
  const widths = HEAD.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length).filter((length) => i > 0 || length <= LONGEST_NAME), 4),
  );
  const [head, ...lines] = rows.map((row) => laid(row, widths));
  return [head!, ...reports.flatMap((report, i) => [lines[i]!, ...below(report)])];
}

function laid(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, i) => (i < FIRST_FIGURE ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    .join('  ')
    .trimEnd();
}

function cells(report: ListReport): string[] {
  const { state, since, queries, hits, hitRate, medianMs, p95Ms } = report;
  const rate = hitRate === null ? '-' : `${(hitRate * 100).toFixed(1)}%`;
  return [
    shownList(report),
    state,
    minute(since),
    String(queries),
    String(hits),
    rate,
    ms(medianMs),
    ms(p95Ms),
  ];
}

/** What has no column: why, what to do, failures, whom it agrees with. */
function below(report: ListReport): string[] {
  const advice = listAdvice(report);
  const overlaps = report.overlap
    .filter(({ of }) => of > 0)
    .toSorted((a, b) => b.both / b.of - a.both / a.of || b.of - a.of)
    .slice(0, MOST_OVERLAPS)
    .map(({ list, of, both }) => `${list} ${Math.round((100 * both) / of)}% of ${of}`);
  return [
    ...(report.why === null ? [] : wrapped(`why: ${report.why}`, WIDTH, '    ')),
    ...(advice === null ? [] : wrapped(`do: ${advice}`, WIDTH, '    ')),
    ...(isUnproven(report) ? [`    note: ${UNPROVEN}`] : []),
    ...(report.failed === 0 ? [] : [`    failed: ${report.failed} of its queries had no answer`]),
    ...(overlaps.length === 0
      ? []
      : wrapped(`hits that others list too: ${overlaps.join(', ')}`, WIDTH, '    ')),
  ];
}

/** `2026-11-21 10:00`, in the time zone of the admin. */
function minute(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE').slice(0, 16);
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
