/** Owns what `check` says of policy words in the results of a table: once for the table, not for each of its lines. */

import { withoutKeys } from '../dns/secret-zone.ts';
import type { AccessResult } from './access-result.ts';
import { inactiveWord } from './inactive.ts';
import { adviceOnRule, isListWord, type Advice } from './list-word.ts';
import type { Problem } from './problem.ts';

/** Nobody reads more of them. */
const MOST = 20;

export class TableAdvice {
  readonly #said = new Map<string, Advice>();

  see(result: AccessResult): void {
    if (result.kind !== 'rules') return;
    for (const { word, list } of result.restrictions) {
      const inactive = inactiveWord(word);
      if (inactive !== null) this.#say({ what: inactive, instead: 'keep what it replaces in main.cf' });
      if (list !== null && isListWord(word)) adviceOnRule(word, list).forEach((advice) => this.#say(advice));
    }
  }

  problems(table: string): readonly Problem[] {
    return [...this.#said.values()].map(({ what, instead }) => ({
      file: withoutKeys(table),
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
