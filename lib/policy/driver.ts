/** Owns decide: runs the checks that `evaluate` asks for, within a deadline, until there is a decision. */

import type { AtRcpt } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import { evaluate } from './evaluate.ts';
import { temperror } from './finding.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Rule } from './rule.ts';
import type { Scope } from './scope.ts';
import type { Decision } from './verdict.ts';

export interface Driving {
  readonly checks: ReadonlyMap<CheckId, AnyCheck>;
  /** For all checks together; what is unknown by then counts as temperror. */
  readonly deadlineMs: number;
  /** A check broke its promise and threw: a bug of ours. It counts as temperror, mail goes on. */
  bug(check: CheckId, error: unknown): void;
}

/** Gives the decision at once if no check has to wait for anything: most mail on a busy server is like that. */
export function decide(
  lists: readonly (readonly Rule[])[],
  session: AtRcpt,
  scope: Scope,
  driving: Driving,
): Decision | Promise<Decision> {
  const abort = new AbortController();
  for (;;) {
    const step = evaluate(lists, scope, session);
    if (step.kind === 'decided') return step.decision;
    const waiting = start(step.checks, session, scope, driving, abort.signal);
    if (waiting.length > 0) return decideLater(lists, session, scope, driving, waiting, abort);
  }
}

async function decideLater(
  lists: readonly (readonly Rule[])[],
  session: AtRcpt,
  scope: Scope,
  driving: Driving,
  first: readonly Waiting[],
  abort: AbortController,
): Promise<Decision> {
  let waiting = first;
  let wake = (): void => {};
  const timer = setTimeout(() => {
    abort.abort();
    wake();
  }, driving.deadlineMs);
  try {
    for (;;) {
      if (waiting.length > 0) {
        if (!abort.signal.aborted) await untilSettled(waiting, (resolve) => (wake = resolve));
        if (abort.signal.aborted) giveUp(waiting, scope);
      }
      const step = evaluate(lists, scope, session);
      if (step.kind === 'decided') return step.decision;
      waiting = start(step.checks, session, scope, driving, abort.signal);
    }
  } finally {
    clearTimeout(timer);
  }
}

interface Waiting {
  readonly id: CheckId;
  readonly owner: Scope;
  /** Never rejects. */
  readonly finding: Promise<Finding>;
}

/** Fulfilled when all are, or by the function that `early` is given. Once per recipient: no promises to spare. */
function untilSettled(waiting: readonly Waiting[], early: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    early(resolve);
    let left = waiting.length;
    const settled = (): void => {
      if (--left === 0) resolve();
    };
    for (const { finding } of waiting) void finding.then(settled);
  });
}

/** Starts what is not running yet, keeps what is answered at once, returns what has to be waited for. */
function start(
  ids: readonly CheckId[],
  session: AtRcpt,
  scope: Scope,
  driving: Driving,
  signal: AbortSignal,
): readonly Waiting[] {
  const waiting: Waiting[] = [];
  for (const id of ids) {
    const check = driving.checks.get(id);
    if (check === undefined) throw new Error(`a rule names a check that the policy lacks: ${id}`);
    const owner = scope.of(check.stage);
    let answer: Finding | Promise<Finding> | undefined = owner.running(id);
    if (answer === undefined) {
      answer = ask(check, session, owner, driving, signal);
      if (answer instanceof Promise) owner.keepRunning(id, answer);
    }
    if (answer instanceof Promise) waiting.push({ id, owner, finding: answer });
    else owner.keep(id, answer);
  }
  return waiting;
}

function ask(
  check: AnyCheck,
  session: AtRcpt,
  owner: Scope,
  driving: Driving,
  signal: AbortSignal,
): Finding | Promise<Finding> {
  const broken = (error: unknown): Finding => {
    driving.bug(check.id, error);
    return temperror('internal error');
  };
  try {
    const answer = check.run(session, signal);
    if (!(answer instanceof Promise)) return answer;
    const keep = (finding: Finding): Finding => {
      // After the deadline `giveUp` has spoken: a finding that a decision rested on must not change.
      if (owner.get(check.id) === undefined) owner.keep(check.id, finding);
      return finding;
    };
    return answer.then(keep, (error: unknown) => keep(broken(error)));
  } catch (error) {
    return broken(error);
  }
}

function giveUp(waiting: readonly Waiting[], scope: Scope): void {
  for (const { id, owner } of waiting) {
    if (scope.get(id) === undefined) owner.keep(id, temperror('no answer within the deadline'));
  }
}
