/** Owns what `check` says of policy words in the results of a table: once for the table, not for each of its lines. */

import { unkeyed } from '../mail/secret-zone.ts';
import type { AccessResult } from './access-result.ts';
import { BUNDLED_LISTS, type KnownLists } from '../lists/known-lists.ts';
import { adviceOnRule, type Advice } from './list-advice.ts';
import { isListWord } from './list-word.ts';
import type { Problem } from '../yaml/problem.ts';

/** Nobody reads more of them. */
const MOST = 20;

export class TableAdvice {
  readonly #permits: boolean;
  readonly #lists: KnownLists;
  readonly #said = new Map<string, Advice>();

  /** `permits`: whether the words that ask the table may let somebody in by it. */
  constructor(permits = true, lists: KnownLists = BUNDLED_LISTS) {
    this.#permits = permits;
    this.#lists = lists;
  }

  see(result: AccessResult): void {
    if (result.kind === 'quarantine')
      this.#say({
        what: 'HOLD holds the whole message, for its other recipients too',
        instead: 'make sure that you look at the queue: postqueue -p',
      });
    if (result.kind === 'permit' && !this.#permits)
      this.#say({
        what: 'check_reverse_client_hostname_access permits nobody, for anybody can give his address any name: such a client is told 451 4.3.5, as by Postfix',
        instead: 'write DUNNO, or ask the table with check_client_access',
      });
    if (result.kind !== 'rules') return;
    for (const { word, list } of result.restrictions) {
      if (list !== null && isListWord(word))
        adviceOnRule(word, list, this.#lists).forEach((advice) => this.#say(advice));
    }
  }

  problems(table: string): readonly Problem[] {
    return [...this.#said.values()].map(({ what, instead }) => ({
      file: unkeyed(table),
      line: 1,
      column: 1,
      what: `in its results: ${what}`,
      instead,
      severity: 'warning',
    }));
  }

  #say(advice: Advice): void {
    if (this.#said.size < MOST) this.#said.set(advice.what, advice);
  }
}
