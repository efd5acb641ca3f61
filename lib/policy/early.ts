/** Owns the rules of a list as they are before RCPT, for sites that refuse at CONNECT, HELO or MAIL (`decide_at`, `at:`). */

import { isKnownAt, laterOf, type Stage } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import type { CheckId } from './finding.ts';
import { checksIn, type Condition, type Rule } from './rule.ts';
import type { Effect } from './verdict.ts';

export type EarlyStage = Exclude<Stage, 'rcpt'>;

/** The earliest stage that knows all that a condition rests on. Throws Error for a check that there is not. */
export function stageOf(condition: Condition, checks: ReadonlyMap<CheckId, AnyCheck>): Stage {
  return checksIn(condition).reduce<Stage>((stage, id) => {
    const check = checks.get(id);
    if (check === undefined) throw new Error(`a rule names a check that the policy lacks: ${id}`);
    return laterOf(stage, check.stage);
  }, 'connect');
}

/**
 * At RCPT all rules are asked again, so that what is left out here is not lost: rules whose facts are not known yet,
 * deferrals that wait for a later refusal, what is done with a message, and what is only told. Rules that are not to
 * refuse so early can still permit: who is let in by what is known already must not be refused by a rule after that.
 */
export function earlyRules(
  rules: readonly Rule[],
  stage: EarlyStage,
  checks: ReadonlyMap<CheckId, AnyCheck>,
): Rule[] {
  return rules.flatMap((rule) => {
    const refuses = isKnownAt(rule.at ?? 'rcpt', stage);
    if (!refuses && !rule.may.includes('permit')) return [];
    if (rule.warnOnly === true || !isKnownAt(stageOf(rule.when, checks), stage)) return [];
    return [
      {
        ...rule,
        may: rule.may.filter((action) => action === 'permit' || (refuses && isRefusal(action))),
        outcome(findings, session) {
          const ruling = rule.outcome(findings, session);
          return { ...ruling, effect: earlyEffect(ruling.effect, rule, stage, checks) };
        },
      },
    ];
  });
}

/** What keeps a refusal from being one counts at every stage. */
function isLenient(action: Effect['action']): boolean {
  return action === 'permit' || action === 'defer_if_listed';
}

function isRefusal(action: Effect['action']): boolean {
  return action === 'reject' || action === 'tempfail' || action === 'defer_if_reject';
}

function earlyEffect(
  effect: Effect,
  { at = 'rcpt' }: Rule,
  stage: EarlyStage,
  checks: ReadonlyMap<CheckId, AnyCheck>,
): Effect {
  if (isLenient(effect.action)) return effect;
  if (effect.action === 'apply') {
    const applied = effect.rules.map((rule) => ({ ...rule, at: laterOf(at, rule.at ?? at) }));
    return { action: 'apply', rules: earlyRules(applied, stage, checks) };
  }
  return isKnownAt(at, stage) && isRefusal(effect.action) ? effect : { action: 'continue' };
}
