/** Owns what is allowed in the section `spf:`, and costs mail or does nothing. */

import type { RuleList } from '../rules/rule-lists.ts';
import { restrictionsIn, tableNamesIn } from '../rules/written-rule.ts';
import type { spf } from '../rules/spf.ts';
import type { Place } from '../yaml/place.ts';
import type { Entries } from '../yaml/section.ts';

/** `section`: where it stands; `rules`: those that may go by it. */
export function judgeSpf(
  entries: Entries<typeof spf.fields>,
  section: Place,
  rules: readonly RuleList[],
): void {
  const { temperror, mail_from_softfail, mail_from_neutral, lookups, skip_domains } = entries;
  if (temperror.value === 'reject')
    temperror.place.warning('one lost answer of the DNS would turn mail away for good', 'write defer');
  if (mail_from_softfail.value === 'reject')
    mail_from_softfail.place.warning(
      'softfail is what domains say of mail that may well be their own, such as what was forwarded',
      'write continue, or a rule: { when: { spf: softfail }, then: greylist }',
    );
  if (mail_from_neutral.value === 'reject')
    mail_from_neutral.place.warning(
      'neutral is no more than if the domain said nothing (RFC 7208 §8.2)',
      'write continue, or name the domains: reject_not_pass_domains',
    );
  if (lookups.place.sound && lookups.value < 10)
    lookups.place.warning('records that keep to the 10 of RFC 7208 become errors', 'write 10');
  if (skip_domains.value.length > 5)
    skip_domains.place.warning(
      'each of them is looked up for all mail that would be refused',
      'write the networks of the forwarders: skip_networks',
    );
  const written = Object.values(entries).some((entry) => entry.written);
  if (written && section.sound && !mayAsk(rules))
    section.warning('no rule asks SPF', 'write check_spf into the policy, or remove the section');
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
