/** Owns what commands print: at the reader's pace, harmless to his terminal, with times as he reads them. */

import { asciiJson } from '../mail/json-text.ts';
import { harmless } from './wrapped.ts';

/** Waits for a pager that is not read to the end; ten million lines do not pile up in memory. */
export function print(text: string): Promise<void> | void {
  if (process.stdout.write(text)) return;
  return new Promise((resolve) => process.stdout.once('drain', () => resolve()));
}

/** One object on several lines, or on one. */
export function printJson(value: object, spaces: 2 | 0 = 2): Promise<void> | void {
  return print(`${asciiJson(JSON.stringify(value, null, spaces))}\n`);
}

export function printLines(lines: readonly string[]): Promise<void> | void {
  return print(lines.map((line) => `${harmless(line).trimEnd()}\n`).join(''));
}

/** To standard error, a line each, the exit code with it. */
export function fail(...lines: readonly string[]): 1 {
  process.stderr.write(lines.map((line) => `${harmless(line)}\n`).join(''));
  return 1;
}

/** `2026-11-21 10:00:00 +0100`, in the time zone of the admin, with it: the log is in UTC. */
export function localTime(ms: number): string {
  const date = new Date(ms);
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const zone = `${minutes < 0 ? '-' : '+'}${padded(hours)}${padded(rest)}`;
  return `${date.toLocaleString('sv-SE')} ${zone}`;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}

/** ISO 8601, for programs; null: no calendar has it, as of a row whose bytes have turned. */
export function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** `305 s`, `12 min`, `3.5 h`, `2.1 d`. */
export function shownSeconds(seconds: number | null): string {
  if (seconds === null) return '-';
  if (seconds < 600) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

/** Cells under each other, but for the last, which may be of any length. `right`: columns of figures. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => {
        if (right.includes(i)) return cell.padStart(widths[i]!);
        return i === row.length - 1 ? cell : cell.padEnd(widths[i]!);
      })
      .join('  '),
  );
}
