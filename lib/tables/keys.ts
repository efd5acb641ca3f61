/** Owns tables of fixed keys: `hash:` and its like, read from the source text, and `inline:` (postmap(1)). */

import { isBlank, shown, skipBlanks, strictTextOf, trimBlanks } from './bytes.ts';
import type { LogicalLine } from './logical-lines.ts';
import type { Problems } from './problems.ts';
import type { Reader } from './reader.ts';
import type { Results } from './results.ts';
import { NOT_FOUND, type Content, type Found } from './table.ts';

type Entry<R> = Extract<Found<R>, { kind: 'found' }>;

export class KeyReader<R> implements Reader<R> {
  readonly #results: Results<R>;
  readonly #problems: Problems;
  readonly #entries = new Map<string, Entry<R>>();
  /** postmap keeps the first of two equal keys, an inline table the last (dict_inline.c). */
  readonly #lastWins: boolean;

  constructor(results: Results<R>, problems: Problems, lastWins = false) {
    this.#results = results;
    this.#problems = problems;
    this.#lastWins = lastWins;
  }

  add({ text, line }: LogicalLine): void {
    const end = endOfKey(text);
    if (end < 0) return this.#problems.error(line, 'a " is not closed', 'write \\" for a quote in a key');
    const at = skipBlanks(text, end);
    this.put(text.slice(0, end), trimBlanks(text.slice(at)), line, at + 1);
  }

  /** `value` without white space around it. */
  put(key: string, value: string, line: number, column = 1): void {
    if (key === '' || value === '')
      return this.#problems.error(line, `"${shown(key)}" has no result`, 'write: key, blank, result');
    const name = strictTextOf(key);
    if (name === null || strictTextOf(value) === null)
      return this.#problems.error(line, `"${shown(key)}": this is not UTF-8`, 'save it as UTF-8');
    if (key.endsWith(':'))
      this.#problems.warning(
        line,
        `the key "${shown(key)}" ends in a colon`,
        'is this an alias file? write it without',
      );
    if (/^(?:[\d.]+|\[?[\da-f]*:[\da-f:]*\]?)\/\d+$/i.test(name))
      this.#problems.warning(
        line,
        `${shown(key)} never matches: a table of keys knows no networks`,
        'name the file as cidr:',
      );
    else if (/^\/.+\/[a-z]*$/i.test(name))
      this.#problems.warning(
        line,
        `${shown(key)} never matches: a table of keys knows no patterns`,
        'name the file as regexp: or pcre:',
      );
    const result = this.#results.read(value);
    if (!result.ok) return this.#problems.error(line, result.what, result.instead, column);
    this.#keep(name.toLowerCase(), { kind: 'found', value: result.value, key: name, line });
  }

  #keep(folded: string, entry: Entry<R>): void {
    const earlier = this.#entries.get(folded);
    if (earlier !== undefined) {
      const used = this.#lastWins ? 'the last one' : `the one in line ${earlier.line}`;
      this.#problems.warning(entry.line, `"${shown(entry.key)}" is there twice: ${used} counts`, null);
      if (!this.#lastWins) return;
    }
    this.#entries.set(folded, entry);
  }

  finish(): Content<R> {
    const entries = this.#entries;
    return { entries: entries.size, lookup: (key) => entries.get(key.toLowerCase()) ?? NOT_FOUND };
  }
}

/** The first blank outside quotes; `\` takes the next character as it is. -1: a quote is not closed. */
export function endOfKey(text: string, alsoEnds = -1): number {
  let quoted = false;
  let at = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) quoted = !quoted;
    else if (!quoted && (isBlank(code) || code === alsoEnds)) break;
  }
  return quoted ? -1 : Math.min(at, text.length);
}
