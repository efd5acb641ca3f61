/** Owns the tables that a policy names, while they are in use. */

import { withoutKeys } from '../dns/secret-zone.ts';
import { openTable, type OpenTable, type Reread } from '../tables/open-table.ts';
import type { ParsedResult, Table } from '../tables/table.ts';
import type { TableName } from '../tables/table-name.ts';
import { readAccessResult } from './access-result.ts';
import type { Problem } from './problem.ts';
import { TableAdvice } from './table-advice.ts';

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
    names.map(async (name) => {
      const advice = new TableAdvice();
      const { table, problems } = await openTable<string>(name, {
        parseResult: (text) => parseResult(text, advice),
        onReread: (reread) => watching.onReread(name.text, reread),
        ...(watching.pollMs === undefined ? {} : { pollMs: watching.pollMs }),
      });
      return { table, problems: [...problems.map(withoutSecrets), ...advice.problems(name.text)] };
    }),
  );
  return {
    tables: new Map(opened.map(({ table }): [string, OpenTable<string>] => [table.name, table])),
    problems: opened.flatMap(({ problems }) => problems),
    close: () => opened.forEach(({ table }) => table.close()),
  };
}

/** The text is kept: what it means is read again when it is found, for a substitution may have changed it. */
function parseResult(text: string, advice: TableAdvice): ParsedResult<string> {
  const read = readAccessResult(text);
  if (read.ok) advice.see(read.value);
  return read.ok ? { ok: true, value: text } : read;
}

/** A table without a file is named by its entries. */
function withoutSecrets({ file, what, instead, ...where }: Problem): Problem {
  return {
    ...where,
    file: withoutKeys(file),
    what: withoutKeys(what),
    instead: instead === null ? null : withoutKeys(instead),
  };
}
