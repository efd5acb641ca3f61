/** Owns the one file that an import command is given: by its name, or - for the standard input. */

import { fail } from './import-failure.ts';
import { callersFile } from './places.ts';
import { readText } from './read-text.ts';
import { UsageError } from './usage.ts';

export interface GivenFile {
  /** As it was typed. */
  readonly name: string;
  /** What a reader knows it by: its name, or `the standard input`. */
  readonly file: string;
  /** Null: it came through a pipe. */
  readonly path: string | null;
  readonly text: string;
}

/** Null: it can't be read, and that was said. Throws UsageError with what to type, if there are none or several. */
export function givenFile(names: readonly string[], instead: string): GivenFile | null {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw new UsageError(instead);
  const path = name === '-' ? null : callersFile(name, process.env);
  const read = readText(path ?? 0);
  if (read.ok) return { name, file: path === null ? 'the standard input' : name, path, text: read.text };
  fail(`can't read ${name}: ${read.why}`);
  return null;
}
