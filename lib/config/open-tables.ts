/** Owns the tables that a policy names, while they are in use. */

import type { TableName } from '../tables/table-name.ts';
import { restrictionsIn } from '../rules/written-rule.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { openTable, type OpenTable, type Reread } from '../tables/open-table.ts';
import type { ParsedResult, Table } from '../tables/table.ts';
import { readAccessResult } from '../rules/access-result.ts';
import { domainTableKey, type Config } from './config.ts';
import { shown, type Problem } from '../yaml/problem.ts';
import { TableAdvice } from '../rules/table-advice.ts';

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
export type Named = Pick<Config, 'tables' | 'localDomains'> & Partial<Pick<Config, 'policy' | 'knownLists'>>;

/** Reads all of them. Never rejects. */
export async function openTables(config: Named, watching: Watching): Promise<OpenTables> {
  const wanted = [
    ...config.tables.map((name) => ({ name, key: name.text, parse: parseResult })),
    ...config.localDomains.tables.map((name) => ({
      name,
      key: domainTableKey(name.text),
      parse: anything,
    })),
  ];
  const unverified = namesUnverified(config);
  const opened = await Promise.all(
    wanted.map(async ({ name, key, parse }) => {
      const advice = new TableAdvice(!unverified.has(key), config.knownLists);
      const { table, problems, read } = await openTable<string>(name, {
        parseResult: (text) => parse(text, advice),
        onReread: (reread) =>
          watching.onReread(name.text, { ...reread, problems: reread.problems.map(withoutSecrets) }),
        ...(watching.pollMs === undefined ? {} : { pollMs: watching.pollMs }),
      });
      const said = [...problems, ...advice.problems(name.text)].map((problem) =>
        read && name.source.kind === 'file' ? problem : placed(problem, name),
      );
      return { key, table, problems: said.map(withoutSecrets) };
    }),
  );
  return {
    tables: new Map(opened.map(({ key, table }): [string, OpenTable<string>] => [key, table])),
    problems: opened.flatMap(({ problems }) => problems),
    close: () => opened.forEach(({ table }) => table.close()),
  };
}

/** What has no line of a file, or no file, is told of where the table is named. */
function placed(problem: Problem, { text, source, named }: TableName): Problem {
  if (named === undefined) return problem;
  const { key, file, line, column } = named;
  // The whole path; `pcre:{{/pattern/ OK}}` is what a pattern of `when:` is made into.
  const called =
    source.kind === 'file' ? source.path : shown(/^pcre:\{\{(.*) OK\}\}$/s.exec(text)?.[1] ?? text);
  return { ...problem, file, line, column, what: `${key}: ${called}: ${problem.what}` };
}

/** Tables of names that anybody can give himself. */
function namesUnverified({ policy = [] }: Named): ReadonlySet<string> {
  const words = policy.flatMap(({ rules }) => rules).flatMap(restrictionsIn);
  return new Set(
    words
      .filter(({ word }) => word === 'check_reverse_client_hostname_access')
      .flatMap(({ table }) => table ?? []),
  );
}

/** The text is kept: what it means is read again when it is found, for a substitution may have changed it. */
function parseResult(text: string, advice: TableAdvice): ParsedResult<string> {
  const read = readAccessResult(text);
  if (read.ok) advice.see(read.value);
  return read.ok ? { ok: true, value: text } : read;
}

function anything(text: string): ParsedResult<string> {
  return { ok: true, value: text };
}

/** A table without a file is named by its entries. */
function withoutSecrets({ file, what, instead, ...where }: Problem): Problem {
  return {
    ...where,
    file: file.includes('{') ? unkeyed(file) : file,
    what: unkeyed(what),
    instead: instead === null ? null : unkeyed(instead),
  };
}
