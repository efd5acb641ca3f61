/** Owns the rows of another greylister's files, one file after the other. */

import { DumpError } from '../import/db-dump.ts';
import type { ForeignRow } from '../import/foreign-row.ts';
import type { RowTally } from '../import/found-database.ts';
import type { ForeignText } from './foreign-text.ts';

/** Of one file. Both throw DumpError. */
export interface RowReader {
  /** Null: no row ends with this line. */
  add(line: string): ForeignRow | null;
  end(): void;
}

/** Opens all files at once; `tally` hears of each row. Throws DumpError that names the file, and so does reading. */
export function foreignRows(
  files: readonly string[],
  open: (file: string) => ForeignText,
  readerOf: (file: string) => RowReader,
  tally: RowTally,
): AsyncIterable<ForeignRow> {
  const opened = files.map((file) => {
    try {
      return { file, text: open(file) };
    } catch (error) {
      throw named(file, error);
    }
  });
  return rowsOf(opened, readerOf, tally);
}

async function* rowsOf(
  opened: readonly { readonly file: string; readonly text: ForeignText }[],
  readerOf: (file: string) => RowReader,
  tally: RowTally,
): AsyncGenerator<ForeignRow> {
  try {
    for (const { file, text } of opened) {
      const reader = readerOf(file);
      try {
        for await (const line of text.lines) {
          const row = reader.add(line);
          if (row === null) continue;
          tally.add(row);
          yield row;
        }
        reader.end();
      } catch (error) {
        throw named(file, error);
      }
    }
  } finally {
    for (const { text } of opened) text.close();
  }
}

function named(file: string, error: unknown): unknown {
  return error instanceof DumpError ? new DumpError(`${file}: ${error.message}`) : error;
}
