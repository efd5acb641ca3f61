/** Owns the tables that a policy names, while they are in use. */

import { openTable, type OpenTable, type Reread } from '../tables/open-table.ts';
import type { ParsedResult, Table } from '../tables/table.ts';
import type { TableName } from '../tables/table-name.ts';
import { readAccessResult } from './access-result.ts';
import type { Problem } from './problem.ts';

export interface OpenTables {
  /** By the name as it was written. */
  readonly tables: ReadonlyMap<string, Table<string>>;
  /** What is wrong in them, in their order; an error in one keeps a configuration from being used. */
  readonly problems: readonly Problem[];
  /** They go on to answer those who still hold them, and are not read again. */
  close(): void;
}

export interface Watching {
  /** After a file has changed. */
  readonly onReread: (table: string, reread: Reread) => void;
  /** 0: the files are not looked at again. */
  readonly pollMs?: number;
}

/** Reads all of them. Never rejects. */
export async function openTables(names: readonly TableName[], watching: Watching): Promise<OpenTables> {
  const opened = await Promise.all(
    names.map((name) =>
      openTable<string>(name, {
        parseResult,
        onReread: (reread) => watching.onReread(name.text, reread),
        ...(watching.pollMs === undefined ? {} : { pollMs: watching.pollMs }),
      }),
    ),
  );
  return {
    tables: new Map(opened.map(({ table }): [string, OpenTable<string>] => [table.name, table])),
    problems: opened.flatMap(({ problems }) => problems),
    close: () => opened.forEach(({ table }) => table.close()),
  };
}

/** The text is kept: what it means is read again when it is found, for a substitution may have changed it. */
function parseResult(text: string): ParsedResult<string> {
  const read = readAccessResult(text);
  return read.ok ? { ok: true, value: text } : read;
}
