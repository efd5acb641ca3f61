/** Owns what a rule did or had to say, as the trace tells it. */

import { NOBODY } from '../mail/session.ts';
import { formatReply } from '../mail/reply.ts';
import type { Findings, Rule } from '../policy/rule.ts';
import { neverHolds } from '../policy/rule.ts';
import type { Effect, Ruling } from '../policy/verdict.ts';
import type { RuleTrace } from './trace.ts';

export function ruled({ effect, reason }: Ruling): Pick<RuleTrace, 'effect' | 'says' | 'reason'> {
  return { effect: effect.action, says: saysOf(effect), reason };
}

function saysOf(effect: Effect): string | null {
  switch (effect.action) {
    case 'reject':
    case 'tempfail':
    case 'defer_if_permit':
    case 'defer_if_reject':
    case 'defer_if_listed':
      return formatReply(effect.reply);
    case 'quarantine':
      return effect.reason;
    case 'note':
      return effect.text;
    case 'tag':
      return effect.name;
    case 'continue':
    case 'permit':
    case 'skip_greylist':
    case 'discard':
    case 'apply':
      return null;
  }
}

/** Of a rule that has nothing to say at its place; null: it is none such. */
export function neverWhy(rule: Rule, findings: Findings): string | null {
  return neverHolds(rule.when) ? rule.outcome(findings, { id: '', client: NOBODY }).reason : null;
}
