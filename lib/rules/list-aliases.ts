/** Owns the aliases of `lists.aliases:` on their way into the rules: what a zone is called in replies and logs. */

import { writtenSite, type ListSite } from '../lists/list-site.ts';
import type { WrittenRule } from './written-rule.ts';
import type { RuleList } from './rule-lists.ts';

export function withAliases(
  lists: readonly RuleList[],
  aliases: ReadonlyMap<string, string>,
): readonly RuleList[] {
  if (aliases.size === 0) return lists;
  const called = (site: ListSite): ListSite => ({ ...site, alias: aliases.get(site.zone) ?? site.alias });
  return lists.map(({ name, rules }) => ({ name, rules: rules.map((rule) => renamed(rule, called)) }));
}

function renamed(rule: WrittenRule, called: (site: ListSite) => ListSite): WrittenRule {
  if (rule.kind === 'when') return rule;
  const { list, score, written } = rule;
  if (score !== null) return { ...rule, score: { ...score, sites: score.sites.map(called) } };
  if (list === null) return rule;
  const site = called(list);
  return { ...rule, list: site, written: written.replace(writtenSite(list), () => writtenSite(site)) };
}
