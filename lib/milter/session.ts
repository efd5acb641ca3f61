/** Owns the session that a filter's handlers see. */

import type { Session } from './filter.ts';
import { findMacro } from './macros.ts';
import type { MacroStack } from './macros.ts';

/** Where the macros in force at this moment are. */
export interface MacroSource {
  readonly macros: MacroStack;
}

let opened = 0;

export class FilterSession<Context> implements Session<Context> {
  readonly context: Context;
  readonly id: number;
  readonly #source: MacroSource;
  #ended = false;
  #abort: AbortController | null = null;

  constructor(context: Context, source: MacroSource) {
    this.context = context;
    this.id = ++opened;
    this.#source = source;
  }

  /** Made when it is first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#ended) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  macro(name: string): string | null {
    return this.#ended ? null : findMacro(this.#source.macros, name);
  }

  end(): void {
    this.#ended = true;
    this.#abort?.abort();
  }
}
