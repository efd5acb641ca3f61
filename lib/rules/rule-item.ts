/** Owns one item of a list of rules: text as in main.cf, or a mapping for what that can't say. */

import { isMap } from 'yaml';
import type { Stage } from '../mail/session.ts';
import { parseTableName } from '../tables/table-name.ts';
import { dnsblScoreSchema, readDnsblScore } from './dnsbl-score.ts';
import { unkeyed } from '../mail/secret-zone.ts';
import { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { replyPattern, type ReplyPattern } from './reply-pattern.ts';
import { nameTable } from './named-tables.ts';
import { LISTS_THAT_WE_KNOW } from '../lists/known-lists.ts';
import { readRestrictions, unplaced } from './restrictions.ts';
import { scalarText } from '../yaml/source.ts';
import { nearest } from '../yaml/spelling.ts';
import { tellRemarks } from './tell-remarks.ts';
import { readThen, warnOfComment } from './then.ts';
import { choice, single, type JsonSchema, type Reader } from '../yaml/value.ts';
import { factsSchema, readFacts } from './read-facts.ts';
import {
  NO_OVERRIDES,
  type Overrides,
  type RestrictionRule,
  type WhenRule,
  type WrittenRule,
} from './written-rule.ts';

export const stage: Reader<Stage> = choice(['rcpt', 'mail', 'helo', 'connect']);
export const onLookupFailure: Reader<'defer' | 'continue'> = choice(['defer', 'continue']);

const KEYS = ['when', 'then', 'rule', 'dnsbl_score', 'reply', 'at', 'on_lookup_failure', 'name'] as const;
type Key = (typeof KEYS)[number];

export const itemSchema: JsonSchema = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        when: factsSchema,
        // oxlint-disable-next-line unicorn/no-thenable -- a key of the file, not a method
        then: { type: 'string' },
        rule: { type: 'string' },
        dnsbl_score: dnsblScoreSchema,
        reply: replyPattern.schema,
        at: stage.schema,
        on_lookup_failure: onLookupFailure.schema,
        name: { type: 'string' },
      },
    },
  ],
};

/** Everything wrong in it is told to the place. */
export function readItem(place: Place): readonly WrittenRule[] {
  if (isMap(place.node)) return readMapping(place);
  const text = place.empty
    ? place.error('an empty item', 'write a rule such as permit_mynetworks')
    : single(place, 'permit_mynetworks');
  return text === null ? [] : readText(text, place, NO_OVERRIDES);
}

function readText(text: string, place: Place, overrides: Overrides): readonly RestrictionRule[] {
  const { restrictions, remarks } = readRestrictions(text, place.source.premise(LISTS_THAT_WE_KNOW));
  tellRemarks(remarks, place);
  for (const { table, within } of restrictions) {
    const parsed = table === null ? null : parseTableName(table);
    if (parsed?.ok === false) place.error(parsed.what, parsed.instead, within);
    else if (parsed !== null) nameTable(parsed.name, place, within);
  }
  return restrictions.map((restriction) => ({
    kind: 'restriction',
    ...unplaced(restriction),
    ...overrides,
    ...place.spot(restriction.within),
  }));
}

function readMapping(place: Place): readonly WrittenRule[] {
  const entries = entriesOf(place);
  if (entries === null) return [];
  const overrides: Overrides = {
    at: read(entries.get('at'), stage),
    reply: read<ReplyPattern>(entries.get('reply'), replyPattern),
    onLookupFailure: read(entries.get('on_lookup_failure'), onLookupFailure),
  };
  const name = readName(entries.get('name'));
  const score = entries.get('dnsbl_score');
  if (score !== undefined) {
    if (entries.has('when') || entries.has('then') || entries.has('rule'))
      place.error('dnsbl_score: is a rule of its own', 'write the other as another item');
    const rule = { kind: 'restriction', ...unplaced(readDnsblScore(score)), ...overrides } as const;
    return [{ ...rule, ...(name === null ? {} : { written: name }), ...place.spot(0) }];
  }
  const reply = entries.get('reply');
  if (reply !== undefined) warnOfComment(reply);
  const rule = entries.get('rule');
  const when = entries.get('when');
  if (rule !== undefined) {
    if (when !== undefined || entries.has('then'))
      place.error('rule: and when:/then: are two rules', 'write them as two items');
    if (isMap(rule.node)) return itself(rule);
    const text = rule.empty
      ? rule.error('rule: has no value', 'write a word such as reject_unknown_sender_domain')
      : single(rule, 'reject');
    const rules = text === null ? [] : readText(text, rule, overrides);
    if (reply !== undefined) warnOfReply(rules, overrides, reply);
    if (name !== null && rules.length > 1)
      entries.get('name')?.error('one name for several rules', 'write each as an item of its own');
    return name === null ? rules : rules.map((each) => ({ ...each, written: name }));
  }
  const then = entries.get('then');
  if (when !== undefined && then === undefined && isMap(when.node) && when.node.has('then')) {
    // Reading the facts tells of it, in its place.
    readFacts(when);
    return [];
  }
  if (when === undefined || then === undefined) {
    place.error(
      when === undefined ? 'the rule has no when:' : 'the rule has no then:',
      when === undefined
        ? 'write when: { ptr: generic }, or rule: and a policy word'
        : 'write then: reject, greylist, …',
    );
    return [];
  }
  return readWhen(place, when, then, name, overrides);
}

/** Below `rule:` stands what is a rule without it. */
function itself(rule: Place): readonly WrittenRule[] {
  const key = isMap(rule.node) ? (scalarText(rule.node.items[0]?.key) ?? '') : '';
  if (key === 'dnsbl_score')
    rule.error(
      'dnsbl_score: is no word but the rule itself',
      'write - dnsbl_score: { … } without rule:, and reply: and name: beside it',
    );
  else if (key === 'when' || key === 'rule')
    rule.error(`${key}: is the rule itself`, `write - ${key}: … without the rule: before it`);
  else rule.error('rule: is one text, not a mapping', 'write a word such as reject_unknown_sender_domain');
  return [];
}

/** A reply that is never given as it is written. */
function warnOfReply(rules: readonly RestrictionRule[], { reply }: Overrides, place: Place): void {
  for (const { word, written } of rules) {
    if (/^(?:permit|skip)/.test(word) || word === 'discard' || word === 'quarantine')
      place.warning(`${written} refuses nobody: nobody is told this`, 'remove reply:');
    else if (word === 'greylist' && (reply?.code ?? 400) >= 500)
      place.warning(
        'greylist only puts off: the client is told 451 all the same',
        'write a 4xx code, or none',
      );
  }
}

/** What the log calls the rule; null: not given, or none. */
function readName(place: Place | undefined): string | null {
  const name = place === undefined ? null : single(place, 'a-name');
  if (name !== null && unkeyed(name) !== name)
    return place!.error('a key of a DNS list is no name', 'write what the log may show');
  if (name === null || /^[\x21-\x7e](?:[\x20-\x7e]{0,78}[\x21-\x7e])?$/.test(name)) return name;
  place?.error(`"${shown(name)}" can't be a name`, 'write up to 80 printable ASCII characters');
  return null;
}

function readWhen(
  place: Place,
  when: Place,
  then: Place,
  name: string | null,
  overrides: Overrides,
): readonly WhenRule[] {
  const test = readFacts(when);
  const does = readThen(then);
  if (
    overrides.reply !== null &&
    does !== null &&
    does.kind !== 'reject' &&
    does.kind !== 'tempfail' &&
    does.kind !== 'greylist'
  )
    place.error(`${does.kind} has no reply`, 'remove reply:');
  if (test === null || does === null) return [];
  if (does.kind === 'accept' && asksSpfAlone(when))
    then.warning(
      'any spammer can publish a record that lets him pass: SPF alone is no reason to let in',
      'write skip_greylist, or name the domains: when: { spf: pass, sender: [example.net] }',
    );
  const written = name ?? `when ${summary(when)} then ${then.text ?? ''}`;
  return [
    { kind: 'when', written: shortened(unkeyed(written)), when: test, does, ...overrides, ...place.spot(0) },
  ];
}

function asksSpfAlone({ node }: Place): boolean {
  return isMap(node) && node.items.every(({ key }) => ['spf', 'helo_spf'].includes(scalarText(key) ?? ''));
}

/** `{ ptr: generic,   not: {…} }` as one line. */
function summary(when: Place): string {
  const [start = 0, end = start] = when.node?.range ?? [];
  const source = unkeyed(when.source.text.slice(start, end)).slice(0, 400);
  return source
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .join(', ')
    .replace(/^\{\s*|\s*\}$/g, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/,(?:\s*,)+/g, ',');
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

function entriesOf(place: Place): ReadonlyMap<Key, Place> | null {
  const entries = new Map<Key, Place>();
  if (!isMap(place.node)) return null;
  for (const [i, { key, value }] of place.node.items.entries()) {
    const at = place.item(key);
    const name = scalarText(at.node) ?? '';
    const known = KEYS.find((each) => each === name);
    if (known === undefined) {
      const near = nearest(name, KEYS);
      const cure =
        near !== null
          ? `did you mean ${near}?`
          : i === 0
            ? 'quote a rule that has a colon and a blank in it'
            : `the keys of a rule are ${KEYS.join(', ')}`;
      at.error(i === 0 ? `"${shown(name)}:" can't begin a rule` : `unknown key "${shown(name)}"`, cure);
      if (i === 0) return null;
    } else if (entries.has(known)) at.error(`${known} is there twice`, 'keep one of them');
    else {
      const named = known === 'dnsbl_score' ? `${place.name}.${known}` : place.name;
      entries.set(known, new Place(place.source, named, value, at.offset, place.troubles));
    }
  }
  return entries;
}

function read<T>(place: Place | undefined, reader: Reader<T>): T | null {
  if (place === undefined) return null;
  return place.empty ? place.error('there is no value', 'write one, or remove the key') : reader.read(place);
}
