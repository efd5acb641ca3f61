/** Owns the restrictions of one list of main.cf, one by one: arguments, old spellings, classes written out. */

import { OLD_SPELLINGS } from '../checks/postfix-replies.ts';
import type { LineNote } from './main-cf.ts';
import type { Piece } from './marked-text.ts';
import type { Parameters } from './parameters.ts';

export const MAIN_CF_LISTS = [
  'client',
  'helo',
  'sender',
  'relay',
  'recipient',
  'data',
  'end_of_data',
  'etrn',
] as const;
export type MainCfList = (typeof MAIN_CF_LISTS)[number];

export interface ListedRestriction {
  /** Lower case, in today's spelling. */
  readonly word: string;
  readonly argument: string | null;
  readonly warnOnly: boolean;
  readonly line: number;
  /** As main.cf would have it again. */
  readonly written: string;
  /** The class that it stands in, the outermost; the same object for all that one mention brought. */
  readonly within: { readonly name: string; /** Of the mention. */ readonly line: number } | null;
  /** What was read otherwise than it is written. */
  readonly note: string | null;
}

/** Words of Postfix's past that are no mere renamings. */
const SYNONYMS: Readonly<Record<string, string>> = { ...OLD_SPELLINGS, reject_rbl: 'reject_rbl_client' };

/** What a table alone means, by list (def_acl in smtpd_check.c). */
const DEFAULT_ACCESS: Readonly<Partial<Record<MainCfList, string>>> = {
  client: 'check_client_access',
  helo: 'check_helo_access',
  sender: 'check_sender_access',
  relay: 'check_recipient_access',
  recipient: 'check_recipient_access',
  etrn: 'check_etrn_access',
};

/** Restrictions of one list, its classes written out; nobody reads more, and they may be classes that multiply. */
const MOST = 1000;

/** Classes in classes. */
const DEEPEST = 20;

/** Words that are looked at for them: classes of classes may come to nothing at all. */
const MOST_STEPS = 10_000;

/** Never throws. */
export function restrictionsOf(list: MainCfList, parameters: Parameters): ListReading {
  const reading = new Reading(list, parameters);
  const name = `smtpd_${list}_restrictions`;
  reading.read(parameters.get(name).words(), false, null, []);
  if (!reading.full && !parameters.isCut(name)) return reading;
  const line = parameters.setting(name)?.line ?? 0;
  const whole = {
    word: '',
    argument: null,
    warnOnly: false,
    line,
    written: `${name} as a whole`,
    note: null,
  };
  return { ...NOTHING, restrictions: [{ ...whole, within: null }], notes: reading.notes, tooLong: MOST };
}

const NOTHING = { writtenOut: new Set<string>() };

export interface ListReading {
  readonly restrictions: readonly ListedRestriction[];
  readonly notes: readonly LineNote[];
  /** It has more than so many restrictions, and one entry stands for all of them; null: it has not. */
  readonly tooLong: number | null;
  /** Names of classes, those in classes too. */
  readonly writtenOut: ReadonlySet<string>;
}

export function classNames(parameters: Parameters): Set<string> {
  return new Set(
    parameters
      .get('smtpd_restriction_classes')
      .words()
      .map(({ text }) => text),
  );
}

class Reading implements ListReading {
  readonly restrictions: ListedRestriction[] = [];
  readonly notes: LineNote[] = [];
  readonly writtenOut = new Set<string>();
  readonly #list: MainCfList;
  readonly #parameters: Parameters;
  readonly #classes: ReadonlySet<string>;
  readonly #words = new Map<string, readonly Piece[]>();
  #steps = 0;
  /** Of a class there is but the beginning. */
  #cut = false;
  readonly tooLong = null;

  constructor(list: MainCfList, parameters: Parameters) {
    this.#list = list;
    this.#parameters = parameters;
    this.#classes = classNames(parameters);
  }

  /** There is more than we go through. */
  get full(): boolean {
    return this.#cut || this.restrictions.length > MOST || this.#steps > MOST_STEPS;
  }

  read(
    tokens: readonly Piece[],
    warnAll: boolean,
    within: ListedRestriction['within'],
    classes: readonly string[],
  ): void {
    let warnOnly = warnAll;
    for (let i = 0; i < tokens.length && !this.full; i++) {
      this.#steps++;
      const { text, line } = tokens[i]!;
      const lower = text.toLowerCase();
      if (lower === 'warn_if_reject') {
        warnOnly = true;
        continue;
      }
      if (this.#classes.has(text)) this.#class(text, line, warnOnly, within, classes);
      else if (isTable(text)) this.#bareTable(tokens[i]!, warnOnly, within);
      else {
        const word = Object.hasOwn(SYNONYMS, lower) ? SYNONYMS[lower]! : lower;
        const argument = takesArgument(word) ? (tokens[++i]?.text ?? null) : null;
        const note = word === lower ? null : `${lower} is the old spelling of ${word}`;
        if (word === 'reject_maps_rbl') this.#mapsRbl(line, warnOnly, within);
        else this.#keep(word, argument, warnOnly, line, text, within, note);
      }
      warnOnly = warnAll;
    }
    const last = tokens.at(-1);
    if (last?.text.toLowerCase() === 'warn_if_reject')
      this.#say(
        last.line,
        'warn_if_reject at the end of a list has nothing behind it that it could hold back',
      );
  }

  #class(
    name: string,
    line: number,
    warnOnly: boolean,
    within: ListedRestriction['within'],
    classes: readonly string[],
  ): void {
    if (classes.length > DEEPEST) {
      this.#cut = true;
      return;
    }
    if (classes.includes(name)) {
      this.#say(line, `the restriction class ${name} names itself: left out there`);
      return;
    }
    this.writtenOut.add(name);
    const tokens = this.#wordsOf(name);
    if (tokens.length === 0) this.#say(line, `the restriction class ${name} is empty`);
    this.read(tokens, warnOnly, within ?? { name: warnOnly ? `warn_if_reject ${name}` : name, line }, [
      ...classes,
      name,
    ]);
  }

  #say(line: number, text: string): void {
    if (!this.notes.some((note) => note.line === line && note.text === text)) this.notes.push({ line, text });
  }

  #wordsOf(name: string): readonly Piece[] {
    const known = this.#words.get(name);
    if (known !== undefined) return known;
    const words = this.#parameters.get(name).words();
    this.#words.set(name, words);
    this.#cut ||= this.#parameters.isCut(name);
    return words;
  }

  #bareTable({ text, line }: Piece, warnOnly: boolean, within: ListedRestriction['within']): void {
    const word = DEFAULT_ACCESS[this.#list];
    if (word === undefined) this.#keep(text, null, warnOnly, line, text, within, null);
    else this.#keep(word, text, warnOnly, line, word, within, `a table alone is ${word} in this list`);
  }

  /** Postfix 1: the lists stood in a parameter of their own. */
  #mapsRbl(line: number, warnOnly: boolean, within: ListedRestriction['within']): void {
    const note = 'reject_maps_rbl is the old spelling, with its lists in maps_rbl_domains';
    const zones = this.#parameters.get('maps_rbl_domains').words();
    if (zones.length === 0)
      this.notes.push({ line, text: 'reject_maps_rbl asks nobody: maps_rbl_domains is empty' });
    for (const { text } of zones)
      this.#keep('reject_rbl_client', text, warnOnly, line, 'reject_rbl_client', within, note);
  }

  #keep(
    word: string,
    argument: string | null,
    warnOnly: boolean,
    line: number,
    spelled: string,
    within: ListedRestriction['within'],
    note: string | null,
  ): void {
    const tight = argument !== null && /\[[^\]]*\s/.test(argument) && !argument.includes('{');
    const plain = tight ? argument.replace(/\s+/g, '') : argument;
    const restriction = plain === null ? spelled : `${spelled} ${plain}`;
    this.restrictions.push({
      word,
      argument: plain,
      warnOnly,
      line,
      written: warnOnly ? `warn_if_reject ${restriction}` : restriction,
      within,
      note: tight ? 'the blanks within [ ] are taken out' : note,
    });
  }
}

function takesArgument(word: string): boolean {
  return (
    /^check_\w+_access$/.test(word) ||
    /^(?:reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client|check_policy_service|sleep)$/.test(
      word,
    )
  );
}

/** `type:name`, as Postfix tells a table from a word. */
function isTable(text: string): boolean {
  return /^[a-z0-9_]+:./i.test(text);
}
