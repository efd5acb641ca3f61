/** Owns the tables of a config, as the service reads and watches them. */

import type { Config } from '../config/config.ts';
import type { OpenTables } from '../config/open-tables.ts';
import type { Sink } from '../observe/event.ts';
import { formatProblem } from '../yaml/problem.ts';

/** Tables that the policy names have errors: formatted lines, one each. */
export class BrokenTables extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

const NO_TABLES: OpenTables = { tables: new Map(), problems: [], close: () => {} };

/** What is wrong with them is told, now and whenever they are read again. Throws BrokenTables. */
export async function tablesOf(config: Config, sink: Sink): Promise<OpenTables> {
  if (config.tables.length + config.localDomains.tables.length === 0) return NO_TABLES;
  // Only now: what reads tables (re2js above all) takes memory that a policy without them need not.
  const { openTables } = await import('../config/open-tables.ts');
  const tables = await openTables(config, {
    onReread: (table, { problems, kept, entries }) =>
      sink({ kind: 'table-reread', table, problems: problems.map(formatProblem), kept, entries }),
  });
  const problems = tables.problems.map(formatProblem);
  if (tables.problems.some(({ severity }) => severity === 'error')) {
    tables.close();
    throw new BrokenTables(problems);
  }
  for (const text of problems) sink({ kind: 'config-warning', text });
  return tables;
}
