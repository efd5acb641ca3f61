/** Owns Plan: where each restriction of main.cf goes, list by list. */

import type { ListName } from '../rules/rule-lists.ts';
import { apportion, greylistLast, isGreylist, type Placed } from './apportion.ts';
import { stays } from './fate.ts';
import { judge, type Circumstances } from './judge.ts';
import type { LineNote } from './main-cf.ts';
import type { Score } from './postscreen.ts';
import { MAIN_CF_LISTS, restrictionsOf, type MainCfList } from './restriction-list.ts';

export interface PlannedList {
  readonly name: ListName;
  /** Those with a rule move; the others are shown as gone. */
  readonly entries: readonly Placed[];
  /** Asked behind the others, of the client alone. */
  readonly score: Score | null;
}

export interface Plan {
  readonly lists: readonly PlannedList[];
  /** All that main.cf has, as it is to be there afterwards. */
  readonly mainCf: readonly { readonly list: MainCfList; readonly restrictions: readonly Placed[] }[];
  readonly notes: readonly LineNote[];
  /** Restriction classes that were written out. */
  readonly writtenOut: ReadonlySet<string>;
}

const POLICY_LISTS = ['client', 'helo', 'sender', 'recipient'] as const;

export function plan(circumstances: Circumstances, score: Score | null): Plan {
  const notes: LineNote[] = [];
  const writtenOut = new Set<string>();
  const mainCf = MAIN_CF_LISTS.map((list) => {
    const {
      restrictions,
      notes: said,
      tooLong,
      writtenOut: classes,
    } = restrictionsOf(list, circumstances.parameters);
    notes.push(...said);
    for (const name of tooLong === null ? classes : []) writtenOut.add(name);
    const whole =
      tooLong === null
        ? null
        : stays(
            `with its classes and $names written out it comes to more than ${tooLong} restrictions: write what you want of it yourself`,
            true,
          );
    const judged = restrictions.map((restriction) => ({
      restriction,
      fate: whole ?? judge(restriction, list, circumstances),
    }));
    return { list, restrictions: apportion(judged) };
  });
  const of = (name: MainCfList): readonly Placed[] =>
    mainCf.find(({ list }) => list === name)?.restrictions ?? [];
  const data = atData(of('data'), of('recipient').filter(isShown));
  const ordered = POLICY_LISTS.map((name) => {
    const entries = greylistLast(of(name).filter(isShown));
    return { name, entries: name === 'recipient' ? data.recipient(entries) : entries };
  });
  const lists = ordered.map(({ name, entries }, i): PlannedList => {
    const behind = ordered.slice(i + 1).flatMap((list) => list.entries);
    return {
      name,
      entries: delayingTwice(givingWay(entries, behind)),
      score: name === 'client' ? score : null,
    };
  });
  return {
    lists,
    mainCf: mainCf.map(({ list, restrictions }) => ({
      list,
      restrictions: list === 'data' ? data.restrictions : restrictions,
    })),
    notes,
    writtenOut,
  };
}

/** What greylist can't do as a greylister of Postfix did, which gave way to every refusal behind it. */
function givingWay(entries: readonly Placed[], lists: readonly Placed[]): readonly Placed[] {
  const at = entries.findIndex(isGreylist);
  if (at < 0) return entries;
  const behind = entries.slice(at + 1);
  const permit = behind.find(({ permits, rule }) => permits && rule !== null);
  const refusal = [...behind, ...lists].find((each) => each !== permit && decides(each));
  if (refusal === undefined) return entries;
  const why = behind.includes(refusal)
    ? permit === undefined
      ? 'which stands behind it'
      : `which stays behind the whitelist ${permit.word} (line ${permit.line})`
    : 'which stands in a list behind this one';
  return withNote(
    entries,
    at,
    `whom ${refusal.word} (line ${refusal.line}) refuses, ${why}, is delayed first now: a greylister of Postfix gave way to it`,
  );
}

function decides({ rule, word, warnOnly }: Placed): boolean {
  return rule !== null && !warnOnly && !word.startsWith('permit');
}

/** Of each greylister that becomes ours, until main.cf is changed. */
function delayingTwice(entries: readonly Placed[]): readonly Placed[] {
  return entries.map((each) => (isGreylist(each) ? { ...each, notes: [...each.notes, TWICE] } : each));
}

const TWICE =
  'as long as its line is in main.cf, both delay, one after the other: take it out as soon as observe is false (step 2 at the end)';

function withNote(entries: readonly Placed[], at: number, note: string): Placed[] {
  return entries.map((each, i) => (i === at ? { ...each, notes: [...each.notes, note] } : each));
}

function isShown({ place }: Placed): boolean {
  return place !== 'stays';
}

interface AtData {
  readonly restrictions: readonly Placed[];
  recipient(entries: readonly Placed[]): readonly Placed[];
}

/**
 * reject_multi_recipient_bounce stands in the list of DATA and becomes a rule for recipients: in front of that list, or
 * behind the permits there if these are the ones that it had before it.
 */
function atData(data: readonly Placed[], recipient: readonly Placed[]): AtData {
  const moving = data.filter(({ rule }) => rule !== null);
  const rules = moving.filter(({ permits }) => !permits);
  const whitelist = new Set(moving.filter(({ permits }) => permits).map(({ word }) => word));
  const leading = recipient.findIndex(({ word }) => !whitelist.has(word));
  const head = recipient.slice(0, leading < 0 ? recipient.length : leading);
  const covered = [...whitelist].every((word) => head.some((each) => each.word === word));
  if (rules.length === 0 || covered)
    return {
      restrictions: data,
      recipient: (entries) => [...entries.slice(0, head.length), ...rules, ...entries.slice(head.length)],
    };
  const why =
    'smtpd_data_restrictions spare others than smtpd_recipient_restrictions do: it stays with those whom it spares';
  return {
    restrictions: data.map((each) =>
      each.rule === null
        ? each
        : {
            ...each,
            place: 'stays',
            rule: null,
            notes: each.permits ? ['it spares only what stays'] : [why],
          },
    ),
    recipient: (entries) => entries,
  };
}
