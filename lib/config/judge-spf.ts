/** Owns what is allowed in the section `spf:`, and costs mail or does nothing. */

import type { RuleList } from '../rules/rule-lists.ts';
import { restrictionsIn, tableNamesIn } from '../rules/written-rule.ts';
import type { spf } from '../rules/spf.ts';
import type { Place } from '../yaml/place.ts';
import type { Entries } from '../yaml/section.ts';

/** `section`: where it stands; `rules`: those that may go by it; `isWhole`: none of them is missing for a mistake in it. */
export function judgeSpf(
  entries: Entries<typeof spf.fields>,
  section: Place,
  rules: readonly RuleList[],
  isWhole: boolean,
): void {
  const { lookups, skip_domains } = entries;
  for (const [name, what, instead] of DOUBTFUL)
    if (entries[name].value === 'reject') entries[name].place.warning(what, instead);
  judgeOptions(rules, section);
  if (lookups.place.sound && lookups.value < 10)
    lookups.place.warning('records that keep to the 10 of RFC 7208 become errors', 'write 10');
  if (skip_domains.value.length > 5)
    skip_domains.place.warning(
      'each of them is looked up for all mail that would be refused',
      'write the networks of the forwarders: skip_networks',
    );
  const written = Object.values(entries).some((entry) => entry.written);
  if (written && isWhole && section.sound && !mayAsk(rules))
    section.warning('no rule asks SPF', 'write check_spf into the policy, or remove the section');
}

/** Answers that turn wanted mail away, wherever they are written. */
const DOUBTFUL = [
  ['temperror', 'one lost answer of the DNS would turn mail away for good', 'write defer'],
  [
    'mail_from_softfail',
    'softfail is what domains say of mail that may well be their own, such as what was forwarded',
    'write continue, or a rule: { when: { spf: softfail }, then: greylist }',
  ],
  [
    'mail_from_neutral',
    'neutral is no more than if the domain said nothing (RFC 7208 §8.2)',
    'write continue, or name the domains: reject_not_pass_domains',
  ],
] as const;

function judgeOptions(lists: readonly RuleList[], { source }: Place): void {
  for (const rule of lists.flatMap(({ rules }) => rules))
    for (const { options, warnOnly } of restrictionsIn(rule))
      for (const [name, what, instead] of DOUBTFUL)
        if (
          options?.kind === 'spf' &&
          options.answers[name] === 'reject' &&
          !warnOnly &&
          rule.offset !== null
        )
          source.report(rule.offset, 'warning', `policy: check_spf ${name}=reject: ${what}`, instead);
}

/** A table's result may be `check_spf` too. */
function mayAsk(lists: readonly RuleList[]): boolean {
  const rules = lists.flatMap((list) => list.rules);
  return asksSpf(lists) || rules.some((rule) => tableNamesIn(rule).length > 0);
}

/** Some rule may delay, by what is written in the policy itself. */
export function greylists(lists: readonly RuleList[]): boolean {
  return lists
    .flatMap(({ rules }) => rules)
    .flatMap(restrictionsIn)
    .some(({ word, score }) => word === 'greylist' || score?.greylist != null);
}

/** Some rule does, by what is written in the policy itself. */
export function asksSpf(lists: readonly RuleList[]): boolean {
  return lists
    .flatMap(({ rules }) => rules)
    .some(
      (rule) =>
        restrictionsIn(rule).some(({ word }) => word === 'check_spf') ||
        (rule.kind === 'when' && rule.when.spf),
    );
}
