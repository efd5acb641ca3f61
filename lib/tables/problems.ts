/** Owns the problems of one reading of a table: the first hundred, and how many more there are. */

import type { Problem } from '../yaml/problem.ts';

/** A file of the wrong kind has a problem on every line: nobody reads more than these. */
const MOST = 100;

export class Problems {
  readonly #file: string;
  readonly #kept: Problem[] = [];
  #left = 0;
  /** There was an error, kept or not. */
  broken = false;

  constructor(file: string) {
    this.#file = file;
  }

  error(line: number, what: string, instead: string | null, column = 1): void {
    this.broken = true;
    this.#add({ file: this.#file, line, column, what, instead, severity: 'error' });
  }

  warning(line: number, what: string, instead: string | null, column = 1): void {
    this.#add({ file: this.#file, line, column, what, instead, severity: 'warning' });
  }

  list(): readonly Problem[] {
    if (this.#left === 0) return this.#kept;
    const what = `there are ${this.#left} more problems`;
    const severity = this.broken ? 'error' : 'warning';
    const { line } = this.#kept.at(-1)!;
    return [...this.#kept, { file: this.#file, line, column: 1, what, instead: null, severity }];
  }

  #add(problem: Problem): void {
    if (this.#kept.length < MOST) this.#kept.push(problem);
    else this.#left++;
  }
}
