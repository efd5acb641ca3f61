/** Owns the reading of restrictions as main.cf has them: `permit_mynetworks, check_client_access cidr:/x, reject`. */

import { OLD_SPELLINGS } from '../checks/postfix-replies.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { BUNDLED_LISTS, type KnownLists } from '../lists/known-lists.ts';
import { parseListSite, writtenSite, type ListSite } from '../lists/list-site.ts';
import type { DnsblScore } from './dnsbl-score.ts';
import { adviceOnRule } from './list-advice.ts';
import { exampleOf, isListWord } from './list-word.ts';
import { OLD_WORDS, STAYS_IN_POSTFIX, WORDS, type ListWord, type Word } from './policy-words.ts';
import { isPrefix, Prefixes } from './prefixes.ts';
import { shown } from '../yaml/problem.ts';
import { tokensOf, type Token } from './tokens.ts';
import { isAnyWord, unusableWord } from './unusable-word.ts';
import { isOption, readOptions, type OptionedWord, type WordOptions } from './word-options.ts';

export interface Restriction {
  readonly word: Word;
  /** As written, for logs and `explain`, but never with a secret key: `reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]`. */
  readonly written: string;
  /** `type:name` of the words that have one. */
  readonly table: string | null;
  /** The DNS list of the words that have one. */
  readonly list: ListSite | null;
  /** What was written behind `greylist` or `check_spf`; null: nothing. */
  readonly options: WordOptions | null;
  /** Of `dnsbl_score`, which is no text but a mapping. */
  readonly score: DnsblScore | null;
  /** It stood behind warn_if_reject. */
  readonly warnOnly: boolean;
  /** It stood behind soft_first. */
  readonly soft: boolean;
}

export interface PlacedRestriction extends Restriction {
  /** Where its word begins in the text, in UTF-16 code units. */
  readonly within: number;
}

/** As a rule keeps it. */
export function unplaced(restriction: PlacedRestriction): Restriction {
  const { word, written, table, list, options, score, warnOnly, soft } = restriction;
  return { word, written, table, list, options, score, warnOnly, soft };
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

/**
 * Never throws; what it can't use is told in `remarks` and left out. Words are taken in any case, as Postfix takes them.
 * `lists`: what is said of DNS lists goes by them.
 */
export function readRestrictions(text: string, lists: KnownLists = BUNDLED_LISTS): ReadRestrictions {
  return new Reading(tokensOf(text), lists).all();
}

interface Argument {
  readonly table?: string;
  readonly list?: ListSite;
  readonly options?: WordOptions | null;
  /** The whole rule, where that is not the word and its argument. */
  readonly text?: string;
}

class Reading {
  readonly #tokens: readonly Token[];
  readonly #lists: KnownLists;
  readonly #restrictions: PlacedRestriction[] = [];
  readonly #remarks: Remark[] = [];
  #at = 0;
  /** The last access word: a table alone repeats it, as in Postfix's `check_client_access hash:/a, hash:/b`. */
  #access: Word | null = null;
  /** The last list word: a zone alone is a slip that is told as one. */
  #asking: ListWord | null = null;
  readonly #prefixes = new Prefixes();

  constructor(tokens: readonly Token[], lists: KnownLists) {
    this.#tokens = tokens;
    this.#lists = lists;
  }

  all(): ReadRestrictions {
    if (this.#tokens.length === 0) this.#error('there is no rule', 'write one such as permit_mynetworks', 0);
    for (let token = this.#next(); token !== null; token = this.#next()) this.#one(token);
    this.#remarks.push(...this.#prefixes.left());
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
      else this.#keep(this.#access, within, { table: text });
      return;
    }
    const current = this.#current(lower, within);
    if (current !== null) this.#known(current, token);
    else this.#unusable(token);
  }

  /** What belongs to it, and to a sentence, is told of once. */
  #unusable({ text, within }: Token): void {
    const parameter = /^smtpd_(\w+)_restrictions(=.*)?$/i.exec(text);
    if (parameter !== null) {
      if (this.#tokens[this.#at]?.text === '=') this.#at++;
      const list = parameter[1]!.toLowerCase();
      this.#wrong(
        `"${shown(text)}" is a parameter of main.cf, and its value is what belongs here`,
        `leave away everything up to the =, or write it below policy: as ${list}:`,
        within,
      );
      return;
    }
    const last = this.#restrictions.at(-1);
    if (Object.hasOwn(STAYS_IN_POSTFIX, text.toLowerCase())) this.#skipArgument();
    const isList = this.#asking !== null && text.includes('.') && parseListSite(text).ok;
    const isReply = !isList && last !== undefined && /^(?:reject|defer)/.test(last.word) && isProse(text);
    if (isReply)
      this.#wrong(
        'a reply does not stand behind a word',
        `write { rule: ${last.written}, reply: "550 5.7.1 Not here" }`,
        within,
      );
    else if (last?.word === 'greylist' && /^delay$/i.test(text))
      this.#wrong('an option has no blank in it', 'write greylist delay=5m', within);
    else if (last?.word === 'check_spf' && /^(?:soft)?fail$|^(?:neutral|permerror|temperror)$/i.test(text))
      this.#wrong(
        `"${shown(text)}" is no option of check_spf`,
        `write check_spf alone, or check_spf ${/error$/i.test(text) ? '' : 'mail_from_'}${text.toLowerCase()}=defer, or the like`,
        within,
      );
    else this.#wrong(...unusableWord(text, this.#asking), within);
    while (isProse(this.#tokens[this.#at]?.text ?? '_')) this.#at++;
  }

  #current(lower: string, within: number): Word | null {
    if (isWord(lower)) return lower;
    const old = { ...OLD_SPELLINGS, ...OLD_WORDS };
    if (!Object.hasOwn(old, lower)) return null;
    const word = old[lower]!;
    this.#remark('warning', `${lower} is the old spelling`, `write ${word}`, within);
    return word;
  }

  #known(word: Word, { within }: Token): void {
    if (isPrefix(word)) this.#prefixes.add(word, within);
    else if (isOptioned(word)) this.#withOptions(word, within);
    else if (isListWord(word)) this.#withZone(word, within);
    else if (WORDS[word] === 'table') {
      this.#access = word;
      this.#withTable(word, within);
    } else if (WORDS[word] === 'mapping')
      this.#wrong(
        `${word} is no text but a mapping`,
        `write - ${word}: { sites: ["zen.spamhaus.org=127.0.0.[2..11]*3"], reject: 3 }`,
        within,
      );
    else this.#keep(word, within);
  }

  #withTable(word: Word, within: number): void {
    const table = this.#tokens[this.#at];
    if (table !== undefined && isTable(table.text)) {
      this.#at++;
      this.#keep(word, within, { table: table.text });
      if (/^cidr:/i.test(table.text) && !/client/.test(word))
        this.#remark(
          'warning',
          `${word}: a cidr: table knows addresses of clients, and never matches here`,
          'write hash: or inline:, or ask it with check_client_access',
          table.within,
        );
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

  #withZone(word: ListWord, within: number): void {
    this.#asking = word;
    const next = this.#tokens[this.#at];
    if (next === undefined || isAnyWord(next.text) || (isTable(next.text) && !next.text.includes('://'))) {
      this.#wrong(`${word} needs the zone of a list`, `write ${exampleOf(word, this.#lists)}`, within);
      return;
    }
    this.#at++;
    const read = parseListSite(next.text);
    if (!read.ok) this.#wrong(read.what, read.instead, next.within + read.within);
    else if (next.text.includes('*'))
      this.#wrong('only dnsbl_score weighs its lists', 'remove the * and what follows', next.within);
    else {
      this.#keep(word, within, { list: read.site });
      for (const { what, instead } of adviceOnRule(word, read.site, this.#lists))
        this.#remark('warning', what, instead, next.within);
    }
  }

  #withOptions(word: OptionedWord, within: number): void {
    const options: Token[] = [];
    for (let next = this.#tokens[this.#at]; next !== undefined; next = this.#tokens[++this.#at]) {
      if (!isOption(word, next)) break;
      options.push(next);
    }
    const read = readOptions(word, options, (what, instead, at) => this.#error(what, instead, at));
    const text = [word, ...options.map((option) => option.text)].join(' ');
    this.#keep(word, within, { options: read, text });
  }

  #keep(word: Word, within: number, argument: Argument = {}): void {
    const { table = null, list = null, options = null, text } = argument;
    const behind = table ?? (list === null ? null : writtenSite(list));
    const rule = text ?? (behind === null ? word : `${word} ${behind}`);
    const { prefixes, remarks } = this.#prefixes.usedUpBy(word);
    this.#remarks.push(...remarks);
    this.#restrictions.push({
      word,
      written: unkeyed([...prefixes, rule].join(' ')),
      table,
      list,
      options,
      score: null,
      warnOnly: prefixes.includes('warn_if_reject'),
      soft: prefixes.includes('soft_first'),
      within,
    });
  }

  /** Of a word that stays in main.cf, so that it is not read as a word. */
  #skipArgument(): void {
    const next = this.#tokens[this.#at];
    if (next !== undefined && (isTable(next.text) || next.text.startsWith('{') || /^\d+$/.test(next.text)))
      this.#at++;
  }

  /** No rule comes of it, and a prefix before it is used up. */
  #wrong(what: string, instead: string, within: number): void {
    this.#prefixes.clear();
    this.#error(what, instead, within);
  }

  #error(what: string, instead: string, within: number): void {
    this.#remark('error', what, instead, within);
  }

  #remark(severity: Remark['severity'], what: string, instead: string, within: number): void {
    this.#remarks.push({ severity, what, instead, within });
  }
}

function isOptioned(word: Word): word is OptionedWord {
  return WORDS[word] === 'options';
}

function isWord(text: string): text is Word {
  return Object.hasOwn(WORDS, text);
}

/** Of a sentence rather than of a policy, whose words have an underscore. */
function isProse(text: string): boolean {
  return !text.includes('_') && !isTable(text) && !isAnyWord(text);
}

/** `type:name`, as Postfix tells a table from a word. */
function isTable(text: string): boolean {
  return /^[a-z0-9_]+:./i.test(text);
}
