/** Owns `cidr:` tables: networks in the order of the file, `!`, and `if` … `endif` (cidr_table(5), dict_cidr.c). */

import { shown, skipBlanks, trimBlanks } from './bytes.ts';
import { endOfWord, keywordOf, negation } from './rule-words.ts';
import type { LogicalLine } from './logical-lines.ts';
import { NetworkIndex } from './network-index.ts';
import {
  addressBits,
  contains,
  readNetworkPattern,
  type Bits,
  type NetworkPattern,
} from './network-pattern.ts';
import type { Problems } from './problems.ts';
import type { Reader } from './reader.ts';
import type { Results } from './results.ts';
import { NOT_FOUND, type Content, type Found } from './table.ts';

type Entry<R> = Extract<Found<R>, { kind: 'found' }>;

/** What stands between two lines that need to be tried in their turn is one indexed step. */
type Step<R> =
  | { readonly kind: 'networks'; readonly index: NetworkIndex<Entry<R>> }
  | { readonly kind: 'outside'; readonly network: NetworkPattern; readonly entry: Entry<R> }
  | {
      readonly kind: 'if';
      readonly network: NetworkPattern | null;
      readonly negated: boolean;
      readonly block: Block<R>;
    };

interface Block<R> {
  readonly line: number;
  readonly steps: Step<R>[];
}

/** Deeper than anybody nests, and shallow enough for a lookup that calls itself for each level. */
const DEEPEST = 100;

export class NetworkReader<R> implements Reader<R> {
  readonly #results: Results<R>;
  readonly #problems: Problems;
  /** The block under way last, the whole file first. */
  readonly #open: Block<R>[] = [{ line: 0, steps: [] }];
  #entries = 0;

  constructor(results: Results<R>, problems: Problems) {
    this.#results = results;
    this.#problems = problems;
  }

  add({ text, line }: LogicalLine): void {
    const word = keywordOf(text);
    if (word === 'if') this.#if(text.slice(2), line);
    else if (word === 'endif') this.#endif(text.slice(5), line);
    else this.#rule(text, line);
  }

  #if(text: string, line: number): void {
    const { negated, at } = negation(text, 0);
    const written = trimBlanks(text.slice(at));
    const read = readNetworkPattern(written);
    if (!read.ok)
      this.#problems.error(line, `if: ${read.what}: the lines up to its endif are ignored`, read.instead);
    if (this.#open.length > DEEPEST) return this.#problems.error(line, 'if is nested too deeply', null);
    // Postfix would forget a wrong `if` and apply its lines to everybody.
    const block: Block<R> = { line, steps: [] };
    this.#open.at(-1)!.steps.push({ kind: 'if', network: read.ok ? read.pattern : null, negated, block });
    this.#open.push(block);
  }

  #endif(text: string, line: number): void {
    if (trimBlanks(text) !== '')
      return this.#problems.error(line, 'endif stands alone on its line', 'write: endif');
    if (this.#open.length === 1) return this.#problems.error(line, 'this endif has no if', 'remove it');
    this.#open.pop();
  }

  #rule(text: string, line: number): void {
    const { negated, at } = negation(text, 0);
    const end = endOfWord(text, at);
    const written = text.slice(at, end);
    const value = trimBlanks(text.slice(end));
    if (value === '')
      return this.#problems.error(line, `"${shown(written)}" has no result`, 'write: network, blank, result');
    const read = readNetworkPattern(written);
    if (!read.ok) return this.#problems.error(line, read.what, read.instead, at + 1);
    const result = this.#results.read(value);
    if (!result.ok) return this.#problems.error(line, result.what, result.instead, skipBlanks(text, end) + 1);
    this.#entries++;
    const key = negated ? `!${written}` : written;
    this.#keep(read.pattern, negated, { kind: 'found', value: result.value, key, line });
  }

  #keep(network: NetworkPattern, negated: boolean, entry: Entry<R>): void {
    const { steps } = this.#open.at(-1)!;
    const last = steps.at(-1);
    if (negated) steps.push({ kind: 'outside', network, entry });
    else if (last?.kind === 'networks') last.index.add(network, entry);
    else {
      const index = new NetworkIndex<Entry<R>>();
      index.add(network, entry);
      steps.push({ kind: 'networks', index });
    }
  }

  finish(): Content<R> {
    for (const { line } of this.#open.slice(1))
      this.#problems.warning(line, 'this if has no endif: it reaches to the end of the file', 'write endif');
    const { steps } = this.#open[0]!;
    return {
      entries: this.#entries,
      lookup(key) {
        const bits = addressBits(key);
        return bits === null ? NOT_FOUND : (firstOf(steps, bits) ?? NOT_FOUND);
      },
    };
  }
}

/** A line about the other family never matches, negated or not. */
function firstOf<R>(steps: readonly Step<R>[], bits: Bits): Entry<R> | null {
  for (const step of steps) {
    const entry = tried(step, bits);
    if (entry !== null) return entry;
  }
  return null;
}

function tried<R>(step: Step<R>, bits: Bits): Entry<R> | null {
  if (step.kind === 'networks') return step.index.find(bits);
  const { network } = step;
  if (network === null || typeof network.prefix !== typeof bits) return null;
  if (step.kind === 'outside') return contains(network, bits) ? null : step.entry;
  return contains(network, bits) === step.negated ? null : firstOf(step.block.steps, bits);
}
