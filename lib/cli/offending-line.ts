/** Owns the display of problems with the lines that they stand in. */

import { mayHoldKey } from '../mail/secret-zone.ts';
import { configText } from '../config/load-config.ts';
import { formatProblem, type Problem } from '../yaml/problem.ts';

/** Characters of a line around the place of its problem. */
const WIDTH = 100;

/** Each problem as a line; the text that it is about, and a `^` below its place, where that can be read. */
export function withLines(problems: readonly Problem[]): string[] {
  const files = new Map<string, readonly string[]>();
  return problems.flatMap((problem) => {
    if (!files.has(problem.file)) files.set(problem.file, linesOf(problem.file));
    const line = files.get(problem.file)![problem.line - 1] ?? '';
    return [formatProblem(problem), ...excerpt(line, problem.column)];
  });
}

function linesOf(file: string): readonly string[] {
  const text = configText(file);
  return typeof text === 'string' ? text.split('\n') : [];
}

function excerpt(line: string, column: number): string[] {
  // Nor is a line without its key shown: a slip may have made two of it.
  if (mayHoldKey(line)) return [];
  const at = column - 1;
  const from = Math.max(0, at - WIDTH / 2);
  const part = line.slice(from, from + WIDTH).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
  if (part.trim() === '') return [];
  return [`    ${part.trimEnd()}`, `    ${' '.repeat(Math.max(0, at - from))}^`];
}
