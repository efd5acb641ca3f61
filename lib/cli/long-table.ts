/** Owns a table of any length: its columns are as wide as its first rows need, and the others are printed as they come. */

import { print } from './print.ts';
import { harmless } from './wrapped.ts';

const ROWS_MEASURED = 200;
/** One stranger's address must not push the columns of all others off the screen. */
const WIDEST = 48;

/** Resolves with the number of rows; without any, the head alone is printed. */
export async function printLongTable(
  head: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): Promise<number> {
  let first: (readonly string[])[] | null = [head];
  let widths: readonly number[] = [];
  let count = 0;
  const begin = async (measured: readonly (readonly string[])[]): Promise<void> => {
    widths = head.map((_, i) => Math.min(WIDEST, Math.max(...measured.map((row) => row[i]?.length ?? 0))));
    for (const row of measured) await print(line(row, widths));
  };
  for await (const cells of rows) {
    const row = cells.map(harmless);
    count++;
    if (first === null) {
      await print(line(row, widths));
      continue;
    }
    first.push(row);
    if (first.length <= ROWS_MEASURED) continue;
    await begin(first);
    first = null;
  }
  if (first !== null) await begin(first);
  return count;
}

/** The last cell may be of any length. */
function line(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)));
  return `${cells.join('  ').trimEnd()}\n`;
}
