/** Owns evaluate: the ordered rules and what is known, to a decision or to the checks that are needed next. */

import type { CheckId } from './finding.ts';
import { holds } from './rule.ts';
import type { Findings, Rule } from './rule.ts';
import type { Decision } from './verdict.ts';

export type Step =
  | { readonly kind: 'need'; readonly checks: readonly CheckId[] }
  | { readonly kind: 'decided'; readonly decision: Decision };

/** The first rule that holds and does not say `continue` decides. Pure and synchronous. */
export function evaluate(rules: readonly Rule[], findings: Findings): Step {
  let last: Decision = { verdict: { action: 'continue' }, rule: null, reason: 'no rule objects' };
  for (const rule of rules) {
    const held = holds(rule.when, findings);
    if (held === false) continue;
    if (held !== true) return { kind: 'need', checks: held };
    const ruling = rule.outcome(findings);
    last = { ...delayOf(last), ...ruling, rule: rule.word };
    if (ruling.verdict.action !== 'continue') break;
  }
  return { kind: 'decided', decision: last };
}

/** A delay that greylisting has caused stays a fact of the recipient, whatever the rules after it say. */
function delayOf({ delayedSeconds }: Decision): Pick<Decision, 'delayedSeconds'> {
  return delayedSeconds === undefined ? {} : { delayedSeconds };
}
