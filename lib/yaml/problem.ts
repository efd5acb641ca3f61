/** Owns Problem: one thing wrong with a configuration file, where it is, and what to write instead. */

import { unkeyed } from '../mail/secret-zone.ts';

export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units; a tab is one. */
  readonly column: number;
  /** `greylist.delay: 60 has no unit`: one line, without a full stop. */
  readonly what: string;
  /** `write 60s for seconds or 60m for minutes`; null: nothing better is known. */
  readonly instead: string | null;
  /** An error keeps the configuration from being used, a warning does not. */
  readonly severity: 'error' | 'warning';
}

/** `postern.yaml:12:10: greylist.delay: 60 has no unit; write 60s for seconds or 60m for minutes`, always one line. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, what, instead, severity } = problem;
  const mark = severity === 'warning' ? 'warning: ' : '';
  const name = file.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return `${name}:${line}:${column}: ${mark}${what}${instead === null ? '' : `; ${instead}`}`;
}

/** In the order of the file, each once. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter((problem) => {
      const written = formatProblem(problem);
      return !seen.has(written) && seen.add(written);
    });
}

/** What the administrator wrote, fit for one line of a message: at most 60 characters, no control characters, no secret keys. */
export function shown(text: string): string {
  const line = unkeyed(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return line.length <= 60 ? line : `${line.slice(0, 57).replace(/[\ud800-\udbff]$/, '')}...`;
}
