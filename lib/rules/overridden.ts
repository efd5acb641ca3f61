/** Owns what `reply:` makes of a rule: the same decision, said in the admin's words. */

import type { Rule } from '../policy/rule.ts';
import type { Effect } from '../policy/verdict.ts';
import type { Session } from '../mail/session.ts';
import { deferring, refusing } from './effect-of-reply.ts';
import { factsOf, type About } from './about.ts';
import { placeholders, withPattern, type ReplyPattern } from './reply-pattern.ts';

/** `keepClass`: what is temporary stays so, whatever code is written. */
export function saidAs(rule: Rule, pattern: ReplyPattern, about: About, keepClass = false): Rule {
  return {
    ...rule,
    may:
      rule.may.includes('reject') || rule.may.includes('tempfail')
        ? [...rule.may, 'reject', 'tempfail']
        : rule.may,
    outcome(findings, session) {
      const ruling = rule.outcome(findings, session);
      return { ...ruling, effect: said(ruling.effect, pattern, session, about, keepClass) };
    },
  };
}

function said(
  effect: Effect,
  pattern: ReplyPattern,
  session: Session,
  about: About,
  keepClass: boolean,
): Effect {
  const facts = { ...placeholders(session), ...factsOf(session, about) };
  switch (effect.action) {
    case 'reject':
    case 'tempfail':
      return refusing(withPattern(effect.reply, pattern, facts, keepClass));
    case 'defer_if_permit':
    case 'defer_if_reject':
      return deferring(effect.action, withPattern(effect.reply, pattern, facts, true));
    case 'apply':
      return { action: 'apply', rules: effect.rules.map((rule) => saidAs(rule, pattern, about, keepClass)) };
    default:
      return effect;
  }
}
