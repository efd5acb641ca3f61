/** Owns Plan: where each restriction of main.cf goes, list by list. */

import type { ListName } from '../rules/rule-lists.ts';
import { apportion, greylistLast, type Placed } from './apportion.ts';
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
}

const POLICY_LISTS = ['client', 'helo', 'sender', 'recipient'] as const;

export function plan(circumstances: Circumstances, score: Score | null): Plan {
  const notes: LineNote[] = [];
  const mainCf = MAIN_CF_LISTS.map((list) => {
    const { restrictions, notes: said } = restrictionsOf(list, circumstances.parameters);
    notes.push(...said);
    const judged = restrictions.map((restriction) => ({
      restriction,
      fate: judge(restriction, list, circumstances),
    }));
    return { list, restrictions: apportion(judged) };
  });
  const of = (name: MainCfList): readonly Placed[] =>
    mainCf.find(({ list }) => list === name)?.restrictions ?? [];
  const data = atData(of('data'), of('recipient').filter(isShown));
  const lists = POLICY_LISTS.map((name): PlannedList => {
    const entries = greylistLast(of(name).filter(isShown));
    return {
      name,
      entries: name === 'recipient' ? data.recipient(entries) : entries,
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
  };
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
