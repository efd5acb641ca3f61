/** Owns all that is wrong with a configuration at once: in its file, and in the tables that this names. */

import { inOrder, type Problem } from '../yaml/problem.ts';
import { openTables } from './open-tables.ts';
import type { Loaded } from './read-config.ts';

/** Warnings too; those of the file itself first, in its order. Never rejects. */
export async function everyProblem(file: string, loaded: Loaded): Promise<readonly Problem[]> {
  const named = loaded.ok ? loaded.config : loaded.named;
  const tables = await openTables(named, { onReread: () => {}, pollMs: 0 });
  tables.close();
  const of = (problem: Problem): boolean => problem.file === file;
  const config = inOrder([...(loaded.ok ? loaded.warnings : loaded.problems), ...tables.problems.filter(of)]);
  return [...config, ...tables.problems.filter((problem) => !of(problem))];
}
