/** Owns Rule and Condition: when a rule holds, told by findings alone. */

import type { AtRcpt } from '../mail/session.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Ruling, Verdict } from './verdict.ts';

export interface Findings {
  /** Undefined: that check has not been run yet. */
  get(id: CheckId): Finding | undefined;
}

export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'is'; readonly check: CheckId; readonly results: readonly string[] }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export interface Rule {
  /** As the admin writes it: `permit_mynetworks`. */
  readonly word: string;
  readonly when: Condition;
  /** Every verdict that `outcome` may lead to besides `continue`: what we ask of the MTA in negotiation follows. */
  readonly may: readonly Verdict['action'][];
  /** `warn_if_reject`: a refusal by this rule, or by what it applies, is only told. */
  readonly warnOnly?: boolean;
  /** Pure; called only when `when` holds, with every check of it found. The session is for what a reply says. */
  outcome(findings: Findings, session: AtRcpt): Ruling;
}

export function is(check: CheckId, ...results: readonly string[]): Condition {
  return { kind: 'is', check, results };
}

/** Whether a condition holds, or the ids of the checks without which nobody can tell. */
export function holds(condition: Condition, findings: Findings): boolean | readonly CheckId[] {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'is': {
      const finding = findings.get(condition.check);
      return finding === undefined ? [condition.check] : condition.results.includes(finding.result);
    }
    case 'not': {
      const inner = holds(condition.of, findings);
      return typeof inner === 'boolean' ? !inner : inner;
    }
    case 'all':
      return join(condition.of, findings, false);
    case 'any':
      return join(condition.of, findings, true);
  }
}

/** One part that comes to `settles` settles the whole, whatever is still unknown beside it. */
function join(
  parts: readonly Condition[],
  findings: Findings,
  settles: boolean,
): boolean | readonly CheckId[] {
  const missing: CheckId[] = [];
  for (const part of parts) {
    const inner = holds(part, findings);
    if (inner === settles) return settles;
    if (typeof inner !== 'boolean') missing.push(...inner);
  }
  return missing.length > 0 ? missing : !settles;
}
