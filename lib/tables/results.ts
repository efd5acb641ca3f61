/** Owns the right-hand sides of one table: each text is parsed once, and equal ones share their value. */

import { textOf } from './bytes.ts';
import type { ParsedResult, ParseResult } from './table.ts';

/** A table of 100 000 clients says OK and REJECT; one that says something else each time gains nothing from more. */
const MOST = 1000;

export class Results<R> {
  readonly #parse: ParseResult<R>;
  readonly #known = new Map<string, ParsedResult<R>>();

  constructor(parse: ParseResult<R>) {
    this.#parse = parse;
  }

  read(bytes: string): ParsedResult<R> {
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    const parsed = this.#parse(textOf(bytes));
    // What a stranger's address was substituted into comes here too: forgetting all is simple, and rare.
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(bytes, parsed);
    return parsed;
  }
}
