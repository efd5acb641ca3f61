/** Owns `policy:`: one list of rules, or Postfix's five. */

import { isMap, isSeq } from 'yaml';
import { parseTableName, type TableName } from '../tables/table-name.ts';
import { Place } from './place.ts';
import { shown } from './problem.ts';
import type { Word } from './policy-words.ts';
import { readRestrictions, type PlacedRestriction, type Restriction } from './restrictions.ts';
import { scalarText } from './source.ts';
import { nearest } from './spelling.ts';
import { single, type JsonSchema, type Reader } from './value.ts';

/** In the order in which Postfix asks them at RCPT (smtpd_delay_reject, smtpd_relay_before_recipient_restrictions). */
export const LIST_NAMES = ['client', 'helo', 'sender', 'relay', 'recipient'] as const;
export type ListName = (typeof LIST_NAMES)[number];

export interface RuleList {
  /** Null: the one list. */
  readonly name: ListName | null;
  readonly rules: readonly Restriction[];
}

/** What a policy is for whoever writes none. */
export const DEFAULT_POLICY: readonly RuleList[] = [
  {
    name: null,
    rules: readRestrictions('permit_mynetworks, permit_sasl_authenticated, greylist').restrictions.map(
      unplaced,
    ),
  },
];

/** Each once. */
export function tablesOf(lists: readonly RuleList[]): TableName[] {
  const names = new Map<string, TableName>();
  for (const { table } of lists.flatMap(({ rules }) => rules)) {
    const parsed = table === null ? null : parseTableName(table);
    if (parsed?.ok === true) names.set(parsed.name.text, parsed.name);
  }
  return [...names.values()];
}

const rule: JsonSchema = { type: 'string' };
const rules: JsonSchema = { anyOf: [rule, { type: 'array', items: rule }] };

/** Items may be whole lines of main.cf, several rules in each. */
export const ruleLists: Reader<readonly RuleList[]> = {
  schema: {
    anyOf: [
      rules,
      {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(LIST_NAMES.map((name) => [name, rules])),
      },
    ],
  },
  read(place) {
    const lists = isMap(place.node) ? fiveLists(place) : [{ name: null, rules: readList(place) }];
    if (place.sound && lists.every((list) => list.rules.length === 0))
      place.warning('there is no rule: everybody is let in', 'write one, or remove the line for the default');
    return place.sound ? lists : null;
  },
};

function fiveLists(place: Place): RuleList[] {
  const found = new Map<string, readonly Restriction[]>();
  if (!isMap(place.node)) return [];
  for (const { key, value } of place.node.items) {
    const at = place.item(key);
    const name = scalarText(at.node) ?? '';
    const bare = name.replace(/^smtpd_(.*)_restrictions$/, '$1');
    if (!isListName(bare)) {
      const near = nearest(name, LIST_NAMES);
      at.error(
        `"${shown(name)}" is not one of the lists ${LIST_NAMES.join(', ')}`,
        near === null ? 'write the rules as a list, each with a dash before it' : `did you mean ${near}?`,
      );
    } else if (found.has(bare)) at.error(`the list ${bare} is already written above`, 'make one of the two');
    else found.set(bare, readList(place.item(value)));
  }
  return LIST_NAMES.flatMap((name) => {
    const read = found.get(name);
    return read === undefined ? [] : [{ name, rules: read }];
  });
}

function isListName(name: string): name is ListName {
  return LIST_NAMES.some((each) => each === name);
}

function readList(place: Place): Restriction[] {
  if (place.empty) return [];
  const items = isSeq(place.node) ? place.node.items.map((item) => place.item(item)) : [place];
  const order = new Order();
  return items.flatMap((item) =>
    readItem(item).map((restriction) => {
      order.judge(restriction, item);
      return unplaced(restriction);
    }),
  );
}

function unplaced({ word, written, table, warnOnly }: PlacedRestriction): Restriction {
  return { word, written, table, warnOnly };
}

/** What is legal in the order of a list, and never meant. */
class Order {
  /** The rule behind which nothing is reached. */
  #end: string | null = null;
  #greylists = false;

  judge({ word, written, warnOnly, within }: PlacedRestriction, place: Place): void {
    if (this.#end !== null)
      place.warning(
        `${written} is never reached: ${this.#end} before it holds always`,
        'change their order',
        within,
      );
    else if (this.#greylists && word.startsWith('check_'))
      place.warning(
        `${written} comes after greylist: whom it permits has been delayed already`,
        'write it before greylist',
        within,
      );
    if (word === 'greylist') this.#greylists = true;
    if (!warnOnly && ALWAYS_ENDS.has(word)) this.#end ??= written;
  }
}

const ALWAYS_ENDS: ReadonlySet<string> = new Set<Word>(['permit', 'reject', 'defer', 'discard']);

function readItem(place: Place): readonly PlacedRestriction[] {
  if (isMap(place.node)) {
    const first = scalarText(place.node.items[0]?.key) ?? '';
    if (first === 'when' || first === 'then')
      place.error('when/then rules are not in this version yet', 'remove this rule');
    else if (first === 'dnsbl_score')
      place.error('dnsbl_score is not in this version yet', 'remove this rule');
    else
      place.error(`"${shown(first)}:" can't begin a rule`, 'quote a rule that has a colon and a blank in it');
    return [];
  }
  const text = place.empty
    ? place.error('an empty item', 'write a rule such as permit_mynetworks')
    : single(place, 'permit_mynetworks');
  if (text === null) return [];
  const { restrictions, remarks } = readRestrictions(text);
  for (const { severity, what, instead, within } of remarks) {
    if (severity === 'error') place.error(what, instead, within);
    else place.warning(what, instead, within);
  }
  for (const { table, within } of restrictions) {
    const parsed = table === null ? null : parseTableName(table);
    if (parsed?.ok === false) place.error(parsed.what, parsed.instead, within);
  }
  return restrictions;
}
