/** Owns WrittenRule: one rule of the policy as the admin wrote it. */

import type { Stage } from '../mail/session.ts';
import { parseTableName, type TableName } from '../tables/table-name.ts';
import type { FactTest } from './fact-test.ts';
import type { ReplyPattern } from './reply-pattern.ts';
import type { Restriction } from './restrictions.ts';
import type { Then } from './then.ts';

/** What a rule may say besides itself; null: as usual. */
export interface Overrides {
  /** Refuse at this stage already, and not at RCPT. */
  readonly at: Stage | null;
  /** What the client is told, if this rule refuses. */
  readonly reply: ReplyPattern | null;
  readonly onLookupFailure: 'defer' | 'continue' | null;
}

export const NO_OVERRIDES: Overrides = { at: null, reply: null, onLookupFailure: null };

/** Where a rule stands in the file. */
export interface Spot {
  /** The name of the file in problems; null: the rule is a default, and so are the others. */
  readonly file: string | null;
  /** In UTF-16 code units. */
  readonly offset: number | null;
  /** From 1. */
  readonly line: number | null;
  /** From 1, in UTF-16 code units. */
  readonly column: number | null;
}

export const NOWHERE: Spot = { file: null, offset: null, line: null, column: null };

export interface RestrictionRule extends Restriction, Overrides, Spot {
  readonly kind: 'restriction';
}

/** What Postfix has no word for: `when: { … }`, `then: …`. */
export interface WhenRule extends Overrides, Spot {
  readonly kind: 'when';
  /** For logs and `explain`: `when ptr=generic then greylist delay=10m`, or the name that it was given. */
  readonly written: string;
  readonly when: FactTest;
  readonly does: Then;
}

export type WrittenRule = RestrictionRule | WhenRule;

/** The policy words that a rule is made of. */
export function restrictionsIn(rule: WrittenRule): readonly Restriction[] {
  if (rule.kind === 'restriction') return [rule];
  return rule.does.kind === 'greylist' ? [rule.does.restriction] : [];
}

/** The tables that a rule names, each a policy table with results of access(5). */
export function tableNamesIn(rule: WrittenRule): readonly TableName[] {
  if (rule.kind === 'when') return rule.when.tables;
  const parsed = rule.table === null ? null : parseTableName(rule.table);
  return parsed?.ok === true ? [parsed.name] : [];
}
