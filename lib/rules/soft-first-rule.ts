/** Owns what `soft_first` makes of a rule: a first refusal is a 4xx, so that a mistake can be mended before it costs mail. */

import { softFirstId } from '../checks/soft-first.ts';
import { tempfail, type Reply } from '../mail/reply.ts';
import { is, type Rule } from '../policy/rule.ts';
import { writtenSite } from '../lists/list-site.ts';
import type { Effect, Ruling } from '../policy/verdict.ts';
import type { Restriction } from './restrictions.ts';

/** `key`: see softKey; a rejection by what it applies is softened too. */
export function softened(rule: Rule, key: string): Rule {
  return {
    ...rule,
    may: [...rule.may, 'tempfail'],
    outcome(findings, session) {
      const ruling = rule.outcome(findings, session);
      return { ...ruling, effect: soften(ruling, rule, key) };
    },
  };
}

function soften({ effect, ...why }: Ruling, rule: Rule, key: string): Effect {
  if (effect.action === 'apply')
    return { action: 'apply', rules: effect.rules.map((each) => softened(each, key)) };
  if (effect.action !== 'reject') return effect;
  return { action: 'apply', rules: [softRule(effect.reply, rule, key, why)] };
}

function softRule(reply: Reply<5>, { word }: Rule, key: string, why: Omit<Ruling, 'effect'>): Rule {
  const check = softFirstId(key);
  const first: Ruling = {
    effect: { action: 'tempfail', reply: temporary(reply) },
    reason: `${why.reason}, first time`,
  };
  const again: Ruling = {
    ...why,
    effect: { action: 'reject', reply },
    reason: `${why.reason}, again`,
  };
  return {
    word,
    // Who can't be remembered is told to come back as well: a refusal for ever needs the second look.
    when: is(check, 'first', 'again', 'temperror'),
    may: ['reject', 'tempfail'],
    outcome: (findings) => (findings.get(check)?.result === 'again' ? again : first),
  };
}

function temporary({ status, text }: Reply<5>): Reply<4> {
  const [, subject, detail] = status.split('.').map(Number);
  return tempfail(450, `4.${subject!}.${detail!}`, text);
}

/** What a client's refusals by a rule are remembered under, whatever the log calls the rule. */
export function softKey({ word, table, list }: Restriction): string {
  return [word, table, list === null ? null : writtenSite(list)].filter((part) => part !== null).join(' ');
}
