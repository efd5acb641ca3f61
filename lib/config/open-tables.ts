/** Owns the tables that a policy names, while they are in use. */

import { openTable, type OpenTable, type Reread } from '../tables/open-table.ts';
import type { ParsedResult, Table } from '../tables/table.ts';
import { readAccessResult } from './access-result.ts';
import { domainTableKey, type Config } from './config.ts';
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

/** The tables that a configuration names. */
export type Named = Pick<Config, 'tables' | 'localDomains'>;

/** Reads all of them. Never rejects. */
export async function openTables(config: Named, watching: Watching): Promise<OpenTables> {
  const wanted = [
    ...config.tables.map((name) => ({ name, key: name.text, parse: parseResult })),
    ...config.localDomains.tables.map((name) => ({ name, key: domainTableKey(name.text), parse: anything })),
  ];
  const opened = await Promise.all(
    wanted.map(async ({ name, key, parse }) => ({
      key,
      ...(await openTable<string>(name, {
        parseResult: parse,
        onReread: (reread) => watching.onReread(name.text, reread),
        ...(watching.pollMs === undefined ? {} : { pollMs: watching.pollMs }),
      })),
    })),
  );
  return {
    tables: new Map(opened.map(({ key, table }): [string, OpenTable<string>] => [key, table])),
    problems: opened.flatMap(({ problems }) => problems),
    close: () => opened.forEach(({ table }) => table.close()),
  };
}

/** The text is kept: what it means is read again when it is found, for a substitution may have changed it. */
function parseResult(text: string): ParsedResult<string> {
  const read = readAccessResult(text);
  return read.ok ? { ok: true, value: text } : read;
}

function anything(text: string): ParsedResult<string> {
  return { ok: true, value: text };
}
