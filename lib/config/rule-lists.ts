/** Owns `policy:`: one list of rules, or Postfix's five. */

import { isMap, isSeq } from 'yaml';
import type { ListSite } from '../dns/list-site.ts';
import { parseTableName, type TableName } from '../tables/table-name.ts';
import { dnsblScoreItemSchema, readDnsblScoreItem } from './dnsbl-score.ts';
import { AskedTwice } from './asked-twice.ts';
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

/** Every DNS list that is asked, as often as it is. */
export function sitesOf(lists: readonly RuleList[]): ListSite[] {
  return lists
    .flatMap(({ rules }) => rules)
    .flatMap(({ list, score }) => [...(list === null ? [] : [list]), ...(score?.sites ?? [])]);
}

const rule: JsonSchema = { anyOf: [{ type: 'string' }, dnsblScoreItemSchema] };
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

function unplaced(placed: PlacedRestriction): Restriction {
  const { word, written, table, list, options, score, warnOnly, soft } = placed;
  return { word, written, table, list, options, score, warnOnly, soft };
}

/** What is legal in the order of a list, and never meant. */
class Order {
  /** The rule behind which nothing is reached. */
  #end: string | null = null;
  #greylists = false;
  readonly #asked = new AskedTwice();

  judge(restriction: PlacedRestriction, place: Place): void {
    const { word, written, warnOnly, within } = restriction;
    this.#asked.judge(restriction, place);
    if (this.#end !== null)
      place.warning(
        `${written} is never reached: ${this.#end} before it holds always`,
        'change their order',
        within,
      );
    else if (this.#greylists && SPARING.test(word))
      place.warning(
        `${written} comes after greylist: whom it permits has been delayed already`,
        'write it before greylist',
        within,
      );
    if (word === 'greylist') this.#greylists = true;
    if (!warnOnly && ALWAYS_ENDS.has(word)) this.#end ??= written;
  }
}

/** Words that may let somebody in, or spare him greylisting. */
const SPARING = /^(?:check_.*_access|permit_.*_client|skip_greylist_.*)$/;

const ALWAYS_ENDS: ReadonlySet<string> = new Set<Word>(['permit', 'reject', 'defer', 'discard']);

function readItem(place: Place): readonly PlacedRestriction[] {
  if (isMap(place.node)) {
    const first = scalarText(place.node.items[0]?.key) ?? '';
    if (first === 'when' || first === 'then')
      place.error('when/then rules are not in this version yet', 'remove this rule');
    else if (first === 'dnsbl_score') return [readDnsblScoreItem(place)];
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
