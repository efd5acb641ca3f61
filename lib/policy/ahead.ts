/** Owns askAhead: starts what rules may want to know later, so that the answers are there when they do. */

import { isKnownAt, type Session, type Stage } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import { keepLater, run, type Driving } from './asking.ts';
import type { CheckId, Finding } from './finding.ts';
import { checksIn, holds, type Findings, type Rule } from './rule.ts';
import type { Scope } from './scope.ts';
import type { Effect } from './verdict.ts';

/** The stages at which something becomes known that a rule asks the network about. */
export function stagesAhead(
  lists: readonly (readonly Rule[])[],
  checks: ReadonlyMap<CheckId, AnyCheck>,
): ReadonlySet<Stage> {
  const asked = lists.flat().flatMap(({ when }) => checksIn(when));
  return new Set(asked.flatMap((id) => (checks.get(id)?.far === true ? [checks.get(id)!.stage] : [])));
}

/**
 * Goes through the rules as far as they can be told at this stage, and waits for nothing. A rule that decides already
 * makes those behind it of no interest: nobody is asked about a client of our own networks.
 */
export function askAhead(
  lists: readonly (readonly Rule[])[],
  session: Session,
  scope: Scope,
  driving: Driving,
): void {
  scope.beginDecision();
  const findings = new Beginning(session, scope, driving);
  for (const rules of lists) begin(rules, findings, session);
}

/** True: what comes behind these rules will not be asked. */
function begin(rules: readonly Rule[], findings: Findings, session: Session): boolean {
  for (const rule of rules) {
    if (holds(rule.when, findings) !== true) continue;
    if (rule.warnOnly === true) continue;
    const { effect } = rule.outcome(findings, session);
    if (effect.action === 'apply' ? begin(effect.rules, findings, session) : ENDS.has(effect.action))
      return true;
  }
  return false;
}

const ENDS = new Set<Effect['action']>(['permit', 'reject', 'tempfail', 'discard']);

/** What is known at once is found; what takes time is begun, and not known yet. */
class Beginning implements Findings {
  readonly #session: Session;
  readonly #scope: Scope;
  readonly #driving: Driving;

  constructor(session: Session, scope: Scope, driving: Driving) {
    this.#session = session;
    this.#scope = scope;
    this.#driving = driving;
  }

  get(id: CheckId): Finding | undefined {
    const known = this.#scope.get(id);
    if (known !== undefined || this.#scope.running(id) !== undefined) return known;
    const check = this.#driving.checks.get(id);
    if (check === undefined || check.leavesTrace === true || check.momentary === true) return undefined;
    if (!isKnownAt(check.stage, this.#scope.stage)) return undefined;
    const missing = (check.after ?? []).filter((needed) => this.get(needed) === undefined);
    if (missing.length > 0) return undefined;
    const owner = this.#scope.of(check.stage);
    const abort = check.far === true ? new AbortController() : null;
    const at = { session: this.#session, stage: owner.stage, known: this.#scope };
    const answer = run(check, at, this.#driving, abort?.signal ?? NEVER);
    if (answer instanceof Promise) {
      void keepLater(check, answer, this.#scope);
      // A client who names one sender after the other has lookups for the last one only.
      if (abort !== null) owner.keepAhead(id, () => abort.abort());
      return undefined;
    }
    owner.keep(id, answer);
    return answer;
  }
}

const NEVER = new AbortController().signal;
