/** Owns `policy:`: one list of rules, or Postfix's five. */

import { isMap } from 'yaml';
import type { ListSite } from '../lists/list-site.ts';
import { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { useOf } from './list-rule.ts';
import type { ListUse } from './list-says.ts';
import { isListWord } from './list-word.ts';
import { readRestrictions, unplaced, type Restriction } from './restrictions.ts';
import { itemSchema, readItem } from './rule-item.ts';
import { scalarText } from '../yaml/source.ts';
import { nearest } from '../yaml/spelling.ts';
import { itemsOf, type JsonSchema, type Reader } from '../yaml/value.ts';
import { NO_OVERRIDES, NOWHERE, restrictionsIn, type WrittenRule } from './written-rule.ts';

/** In the order in which Postfix asks them at RCPT (smtpd_delay_reject, smtpd_relay_before_recipient_restrictions). */
export const LIST_NAMES = ['client', 'helo', 'sender', 'relay', 'recipient'] as const;
export type ListName = (typeof LIST_NAMES)[number];

export interface RuleList {
  /** Null: the one list. */
  readonly name: ListName | null;
  readonly rules: readonly WrittenRule[];
}

/** What a policy is for whoever writes none. */
export const DEFAULT_POLICY: readonly RuleList[] = [
  {
    name: null,
    rules: readRestrictions('permit_mynetworks, permit_sasl_authenticated, greylist').restrictions.map(
      (restriction) => ({
        kind: 'restriction',
        ...unplaced(restriction),
        ...NO_OVERRIDES,
        ...NOWHERE,
      }),
    ),
  },
];

/** Every DNS list that is asked, as often as it is. */
export function sitesOf(lists: readonly RuleList[]): ListSite[] {
  return listUsesOf(lists).map(({ site }) => site);
}

/** As it is asked, and for what. */
export function listUsesOf(lists: readonly RuleList[]): ListUse[] {
  return lists
    .flatMap(({ rules }) => rules)
    .flatMap((rule) => [
      ...restrictionsIn(rule).flatMap(usesOf),
      ...(rule.kind === 'when' ? rule.when.lists : []),
    ]);
}

function usesOf({ word, list, score }: Restriction): ListUse[] {
  return [
    ...(list === null || !isListWord(word) ? [] : [useOf(word, list)]),
    ...(score?.sites ?? []).map((site): ListUse => ({
      subject: 'client',
      site,
      does: site.weight < 0 ? 'permit' : 'refuse',
    })),
  ];
}

/** The lists that let in whom they list, whatever comes after: not those that spare him the delay alone. */
export function sparingIn(lists: readonly RuleList[]): ListSite[] {
  const permitting = lists
    .flatMap(({ rules }) => rules)
    .flatMap(restrictionsIn)
    .flatMap(({ word, list }) => (list !== null && word.startsWith('permit_') ? [list] : []));
  return [...permitting, ...weighedIn(lists).filter(({ weight }) => weight < 0)];
}

/** The lists of every `dnsbl_score`. */
export function weighedIn(lists: readonly RuleList[]): ListSite[] {
  return lists
    .flatMap(({ rules }) => rules)
    .flatMap(restrictionsIn)
    .flatMap(({ score }) => score?.sites ?? []);
}

const rules: JsonSchema = { $ref: '#/$defs/rules' };

/** What the schema of `policy` refers to. */
export const ruleSchemas: JsonSchema = {
  rule: itemSchema,
  rules: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/$defs/rule' } }] },
};

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
    const lists = readLists(place);
    if (place.sound && lists.every((list) => list.rules.length === 0))
      place.warning('there is no rule: everybody is let in', 'write one, or remove policy: for the default');
    return place.sound ? lists : null;
  },
};

/** `each`: the places of the items of one list. */
function readLists(place: Place, each: (list: Place) => readonly Place[] = itemsOf): RuleList[] {
  return isMap(place.node) ? fiveLists(place, each) : [{ name: null, rules: readList(place, each) }];
}

/**
 * The rules of a `policy:` in which something is wrong, without those that are: what is to be said of them can be said
 * at once. What was reported of it is reported once more.
 */
export function soundRules(place: Place): readonly RuleList[] {
  const alone = ({ source, name, node, offset }: Place): Place => new Place(source, name, node, offset);
  // What is wrong with one rule is no trouble of the others.
  return readLists(alone(place), (list) => itemsOf(list).map(alone));
}

function fiveLists(place: Place, each: (list: Place) => readonly Place[]): RuleList[] {
  const found = new Map<string, readonly WrittenRule[]>();
  if (!isMap(place.node)) return [];
  for (const { key, value } of place.node.items) {
    const at = place.item(key);
    const name = scalarText(at.node) ?? '';
    const bare = name.replace(/^smtpd_(.*)_restrictions$/, '$1');
    if (!isListName(bare)) {
      const near = nearest(name, LIST_NAMES);
      at.error(`"${shown(name)}" is not one of the lists ${LIST_NAMES.join(', ')}`, adviceOnList(bare, near));
    } else if (found.has(bare)) at.error(`the list ${bare} is already written above`, 'make one of the two');
    else found.set(bare, readList(place.item(value), each));
  }
  return LIST_NAMES.flatMap((name) => {
    const read = found.get(name);
    return read === undefined ? [] : [{ name, rules: read }];
  });
}

function adviceOnList(name: string, near: string | null): string {
  if (name === 'data')
    return 'put its words into recipient: reject_multi_recipient_bounce acts at DATA by itself';
  if (name === 'etrn' || name.startsWith('end_of_data')) return 'leave it in main.cf';
  return near === null ? 'write the rules as a list, each with a dash before it' : `did you mean ${near}?`;
}

function isListName(name: string): name is ListName {
  return LIST_NAMES.some((each) => each === name);
}

function readList(place: Place, each: (list: Place) => readonly Place[]): readonly WrittenRule[] {
  if (place.empty) return [];
  return each(place).flatMap((item) => readItem(item));
}
