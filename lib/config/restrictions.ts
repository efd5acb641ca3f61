/** Owns the reading of restrictions as main.cf has them: `permit_mynetworks, check_client_access cidr:/x, reject`. */

import { OLD_SPELLINGS } from '../checks/postfix-replies.ts';
import { LATER_WORDS, STAYS_IN_POSTFIX, WORDS, type Word } from './policy-words.ts';
import { shown } from './problem.ts';
import { nearest } from './spelling.ts';

export interface Restriction {
  readonly word: Word;
  /** As written, for logs and `explain`: `check_client_access cidr:/etc/postern/client_access`. */
  readonly written: string;
  /** `type:name` of the words that have one. */
  readonly table: string | null;
  /** It stood behind warn_if_reject. */
  readonly warnOnly: boolean;
}

export interface PlacedRestriction extends Restriction {
  /** Where its word begins in the text, in UTF-16 code units. */
  readonly within: number;
}

/** As a rule keeps it. */
export function unplaced(restriction: PlacedRestriction): Restriction {
  const { word, written, table, warnOnly } = restriction;
  return { word, written, table, warnOnly };
}

export interface Remark {
  readonly severity: 'error' | 'warning';
  readonly what: string;
  readonly instead: string | null;
  readonly within: number;
}

export interface ReadRestrictions {
  readonly restrictions: readonly PlacedRestriction[];
  readonly remarks: readonly Remark[];
}

interface Token {
  readonly text: string;
  readonly within: number;
}

/** Never throws; what it can't use is told in `remarks` and left out. Words are taken in any case, as Postfix takes them. */
export function readRestrictions(text: string): ReadRestrictions {
  return new Reading(tokensOf(text)).all();
}

/** Blanks and commas separate; what begins with `{` or holds one (`inline:{…}`) goes on to its closing brace. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let start = -1;
  let depth = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i] ?? ' ';
    if (char === '{') depth++;
    else if (char === '}') depth = Math.max(0, depth - 1);
    const separates = (depth === 0 && /[\s,]/.test(char)) || i === text.length;
    if (!separates && start < 0) start = i;
    if (!separates || start < 0) continue;
    tokens.push({ text: text.slice(start, i), within: start });
    start = -1;
  }
  return tokens;
}

class Reading {
  readonly #tokens: readonly Token[];
  readonly #restrictions: PlacedRestriction[] = [];
  readonly #remarks: Remark[] = [];
  #at = 0;
  /** The last access word: a table alone repeats it, as in Postfix's `check_client_access hash:/a, hash:/b`. */
  #access: Word | null = null;
  #warnFrom: number | null = null;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  all(): ReadRestrictions {
    if (this.#tokens.length === 0) this.#error('there is no rule', 'write one such as permit_mynetworks', 0);
    for (let token = this.#next(); token !== null; token = this.#next()) this.#one(token);
    if (this.#warnFrom !== null)
      this.#error(
        'warn_if_reject stands before nothing',
        'write the rule that it is to warn of',
        this.#warnFrom,
      );
    return { restrictions: this.#restrictions, remarks: this.#remarks };
  }

  #next(): Token | null {
    return this.#tokens[this.#at++] ?? null;
  }

  #one(token: Token): void {
    const { text, within } = token;
    const lower = text.toLowerCase();
    if (isTable(text)) {
      if (this.#access === null)
        this.#error(
          `"${shown(text)}" is a table without a word`,
          `write check_client_access ${shown(text)}, or the like`,
          within,
        );
      else this.#keep(this.#access, within, text);
      return;
    }
    const current = this.#current(lower, within);
    if (current !== null) this.#known(current, token);
    else if (Object.hasOwn(LATER_WORDS, lower)) this.#later(lower, within);
    else if (Object.hasOwn(STAYS_IN_POSTFIX, lower)) this.#stays(lower, within);
    else this.#unknown(text, within);
  }

  #current(lower: string, within: number): Word | null {
    if (isWord(lower)) return lower;
    if (!Object.hasOwn(OLD_SPELLINGS, lower)) return null;
    const word = OLD_SPELLINGS[lower]!;
    if (!isWord(word)) return null;
    this.#remark('warning', `${lower} is the old spelling`, `write ${word}`, within);
    return word;
  }

  #known(word: Word, { within }: Token): void {
    switch (WORDS[word]) {
      case 'rule':
        this.#warnFrom ??= within;
        return;
      case 'none':
        this.#keep(word, within, null);
        return;
      case 'table':
        this.#access = word;
        this.#withTable(word, within);
    }
  }

  #withTable(word: Word, within: number): void {
    const table = this.#tokens[this.#at];
    if (table !== undefined && isTable(table.text)) {
      this.#at++;
      this.#keep(word, within, table.text);
      return;
    }
    // A path without its type is the table all the same, and not the next rule.
    const path = table !== undefined && /^[/.]/.test(table.text) ? shown(table.text) : null;
    if (path !== null) this.#at++;
    this.#error(
      `${word} needs a table with its type`,
      `write ${word} cidr:${path ?? '/etc/postern/table'}, or hash: regexp: pcre: inline:`,
      within,
    );
  }

  #keep(word: Word, within: number, table: string | null): void {
    const warnOnly = this.#warnFrom !== null;
    this.#warnFrom = null;
    const rule = table === null ? word : `${word} ${table}`;
    this.#restrictions.push({
      word,
      written: warnOnly ? `warn_if_reject ${rule}` : rule,
      table,
      warnOnly,
      within,
    });
  }

  #later(word: string, within: number): void {
    if (LATER_WORDS[word] === 'zone') this.#at++;
    this.#warnFrom = null;
    this.#error(`${word} is not in this version yet`, 'leave it in main.cf for now', within);
  }

  #stays(word: string, within: number): void {
    // Its own argument, so that it is not read as a word.
    const next = this.#tokens[this.#at];
    if (next !== undefined && (isTable(next.text) || next.text.startsWith('{') || /^\d+$/.test(next.text)))
      this.#at++;
    this.#warnFrom = null;
    this.#error(
      `${word} stays in main.cf: ${STAYS_IN_POSTFIX[word]}`,
      'leave it there, and remove it here',
      within,
    );
  }

  #unknown(text: string, within: number): void {
    this.#warnFrom = null;
    const near = nearest(text, [
      ...Object.keys(WORDS),
      ...Object.keys(LATER_WORDS),
      ...Object.keys(STAYS_IN_POSTFIX),
    ]);
    const advice =
      near === null
        ? 'restriction classes are to be written out; the words are in the README'
        : `did you mean ${near}?`;
    this.#error(`"${shown(text)}" is not a policy word`, advice, within);
  }

  #error(what: string, instead: string, within: number): void {
    this.#remark('error', what, instead, within);
  }

  #remark(severity: Remark['severity'], what: string, instead: string, within: number): void {
    this.#remarks.push({ severity, what, instead, within });
  }
}

function isWord(text: string): text is Word {
  return Object.hasOwn(WORDS, text);
}

/** `type:name`, as Postfix tells a table from a word. */
function isTable(text: string): boolean {
  return /^[a-z0-9_]+:./i.test(text);
}
