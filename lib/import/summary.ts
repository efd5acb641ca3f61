/** Owns the summary of an import: how much of main.cf moves, and what is in it that Postfix itself would not take. */

import type { Service } from './master-cf.ts';
import type { LineNote } from './main-cf.ts';
import { isGreylist } from './apportion.ts';
import type { Plan } from './plan.ts';
import { recognise } from './policy-service.ts';
import type { Remark } from './remarks.ts';

/** Sentences for the head. */
export function summaryOf({ mainCf, lists }: Plan, services: readonly Service[]): string[] {
  const all = mainCf.flatMap(({ restrictions }) => restrictions);
  const count = (...places: string[]): number => all.filter(({ place }) => places.includes(place)).length;
  const first = all.find(
    ({ place, word, argument }) =>
      place === 'stays' &&
      word === 'check_policy_service' &&
      argument !== null &&
      /^(?:postgrey|greylister)$/.test(recognise(argument, services).kind),
  );
  const ours = lists.some(({ entries }) => entries.some(isGreylist));
  const total = `${count('moves', 'both')} of ${all.length} restrictions move, ${count('stays')} stay, ${count('gone')} ${count('gone') === 1 ? 'is' : 'are'} dropped.`;
  if (first === undefined) return [total];
  const name = `${recognise(first.argument ?? '', services).name} (line ${first.line}) stays in main.cf`;
  return [total, ours ? `${name}.` : `${name}: this file greylists nobody.`];
}

/** The lines of main.cf at which Postfix itself would refuse to start or to take mail, or knows nothing of what is written. */
export function wrongLines(
  { mainCf }: Plan,
  notes: readonly LineNote[],
  remarks: readonly Remark[],
  others: readonly number[],
): number[] {
  const restrictions = mainCf.flatMap((list) => list.restrictions).filter(({ wrong }) => wrong);
  const said = [...notes, ...remarks].filter(({ wrong }) => wrong === true);
  const lines = [...restrictions, ...said].map(({ line }) => line);
  return [...new Set([...lines, ...others])].toSorted((a, b) => a - b);
}
