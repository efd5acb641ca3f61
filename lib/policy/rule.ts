/** Owns Rule and Condition: when a rule holds, told by findings alone. */

import type { Session, Stage } from '../mail/session.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Shown } from './shown.ts';
import type { Ruling, Verdict } from './verdict.ts';

export interface Findings {
  /** Undefined: that check has not been run yet. */
  get(id: CheckId): Finding | undefined;
}

export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'is'; readonly check: CheckId; readonly results: readonly string[] }
  /** What several findings come to together: `tells` asks for those that it needs, among `checks`. */
  | {
      readonly kind: 'told';
      readonly checks: readonly CheckId[];
      tells(findings: Findings): Held | readonly CheckId[];
      /** What was compared with what, where the findings alone do not show it; null: it can't be told. Pure. */
      shows?(findings: Findings): Shown | null;
    }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

/** Where the admin wrote a rule. */
export interface RulePlace {
  /** The how-manieth of its list, from 1. */
  readonly number: number;
  /** In the config file, from 1; null: it is a default. */
  readonly line: number | null;
}

export interface Rule {
  /** As the admin writes it: `permit_mynetworks`. */
  readonly word: string;
  /** What a decision by it is told as, where it is only a part of another rule; absent: its word. */
  readonly partOf?: string;
  readonly when: Condition;
  /** Every verdict that `outcome` may lead to besides `continue`: what we ask of the MTA in negotiation follows. */
  readonly may: readonly Verdict['action'][];
  /** `warn_if_reject`: a refusal by this rule, or by what it applies, is only told. */
  readonly warnOnly?: boolean;
  /** It delays who is not known: whoever is spared the delay is not asked about it. */
  readonly greylists?: true;
  /** The stage before which nothing is refused by this rule, whatever it knows; absent: `rcpt`. */
  readonly at?: Stage;
  /** Absent: nobody wrote it, it comes before what is written or is applied by another. */
  readonly place?: RulePlace;
  /**
   * Pure; called only when `when` holds, with every check of it found; and, if it can never hold (`neverHolds`), for the
   * reason of that. The session is for what a reply says.
   */
  outcome(findings: Findings, session: Session): Ruling;
}

export function is(check: CheckId, ...results: readonly string[]): Condition {
  return { kind: 'is', check, results };
}

/** `unknown`: a check that it rests on could not tell. */
export type Held = boolean | 'unknown';

/**
 * Whether a condition holds, or the ids of the checks without which nobody can tell. What a check could not tell stays
 * unknown through `not`, `all` and `any` (Kleene's logic), unless the condition names `temperror` itself: a rule with
 * `not: …` must not hold because a name server is down.
 */
export function holds(condition: Condition, findings: Findings): Held | readonly CheckId[] {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'is': {
      const finding = findings.get(condition.check);
      if (finding === undefined) return [condition.check];
      if (condition.results.includes(finding.result)) return true;
      return finding.result === 'temperror' ? 'unknown' : false;
    }
    case 'told':
      return condition.tells(findings);
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
function join(parts: readonly Condition[], findings: Findings, settles: boolean): Held | readonly CheckId[] {
  const missing: CheckId[] = [];
  let unknown = false;
  for (const part of parts) {
    const inner = holds(part, findings);
    if (inner === settles) return settles;
    if (inner === 'unknown') unknown = true;
    else if (typeof inner !== 'boolean') missing.push(...inner);
  }
  if (missing.length > 0) return missing;
  return unknown ? 'unknown' : !settles;
}

/** Of no parts, none does: a rule that has nothing to say at its place. */
export function neverHolds(condition: Condition): boolean {
  return condition.kind === 'any' && condition.of.length === 0;
}

/** The checks that a condition rests on. */
export function checksIn(condition: Condition): readonly CheckId[] {
  switch (condition.kind) {
    case 'always':
      return [];
    case 'is':
      return [condition.check];
    case 'told':
      return condition.checks;
    case 'not':
      return checksIn(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(checksIn);
  }
}
