/** Owns decide: runs the checks that `evaluate` asks for, within a deadline, until there is a decision. */

import { isKnownAt, type AtRcpt, type Session } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import { evaluate } from './evaluate.ts';
import { temperror } from './finding.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Findings, Rule } from './rule.ts';
import type { Scope } from './scope.ts';
import type { Decision } from './verdict.ts';

export interface Driving {
  readonly checks: ReadonlyMap<CheckId, AnyCheck>;
  /** For all checks together; what is unknown by then counts as temperror. */
  readonly deadlineMs: number;
  /** A check broke its promise and threw: a bug of ours. It counts as temperror, mail goes on. */
  bug(check: CheckId, error: unknown): void;
  /** A check has been run; `ms`: how long it took. */
  readonly asked?: (check: CheckId, finding: Finding, ms: number) => void;
}

/** Gives the decision at once if no check has to wait for anything: most mail on a busy server is like that. */
export function decide(
  lists: readonly (readonly Rule[])[],
  session: Session,
  scope: Scope,
  driving: Driving,
): Decision | Promise<Decision> {
  const abort = new AbortController();
  const asking = new Asking(session, scope, driving, abort.signal);
  const step = evaluate(lists, asking, session);
  return step.kind === 'decided' ? step.decision : decideLater(lists, session, asking, driving, abort);
}

async function decideLater(
  lists: readonly (readonly Rule[])[],
  session: Session,
  asking: Asking,
  driving: Driving,
  abort: AbortController,
): Promise<Decision> {
  let wake = (): void => {};
  const timer = setTimeout(() => {
    abort.abort();
    wake();
  }, driving.deadlineMs);
  try {
    for (;;) {
      const waiting = asking.waiting.splice(0);
      // To go round for ever would be worse than to let this one mail in.
      if (waiting.length === 0) throw new Error('the rules wait for nothing');
      if (!abort.signal.aborted) await untilSettled(waiting, (resolve) => (wake = resolve));
      if (abort.signal.aborted) asking.giveUp(waiting);
      const step = evaluate(lists, asking, session);
      if (step.kind === 'decided') return step.decision;
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

/**
 * The findings as the rules see them: a check runs when a rule first asks for what it finds. What needs no I/O is found
 * at once, so that the rules are gone through once, and not once for each check.
 */
class Asking implements Findings {
  /** What has been asked and has to be waited for. */
  readonly waiting: Waiting[] = [];
  readonly #session: Session;
  readonly #scope: Scope;
  readonly #driving: Driving;
  readonly #signal: AbortSignal;

  constructor(session: Session, scope: Scope, driving: Driving, signal: AbortSignal) {
    this.#session = session;
    this.#scope = scope;
    this.#driving = driving;
    this.#signal = signal;
  }

  get(id: CheckId): Finding | undefined {
    return this.#scope.get(id) ?? this.#ask(id);
  }

  #ask(id: CheckId): Finding | undefined {
    const check = this.#driving.checks.get(id);
    if (check === undefined) throw new Error(`a rule names a check that the policy lacks: ${id}`);
    const owner = this.#scope.of(check.stage);
    let answer: Finding | Promise<Finding> | undefined = owner.running(id);
    if (answer === undefined) {
      answer = ask(check, this.#session, owner, this.#driving, this.#signal);
      if (answer instanceof Promise) owner.keepRunning(id, answer);
    }
    if (!(answer instanceof Promise)) {
      owner.keep(id, answer);
      return answer;
    }
    if (!this.waiting.some((each) => each.id === id)) this.waiting.push({ id, owner, finding: answer });
    return undefined;
  }

  giveUp(waiting: readonly Waiting[]): void {
    for (const { id, owner } of waiting) {
      if (this.#scope.get(id) === undefined) owner.keep(id, temperror('no answer within the deadline'));
    }
  }
}

function ask(
  check: AnyCheck,
  session: Session,
  owner: Scope,
  driving: Driving,
  signal: AbortSignal,
): Finding | Promise<Finding> {
  const since = driving.asked === undefined ? 0 : performance.now();
  const told = (finding: Finding): Finding => {
    driving.asked?.(check.id, finding, performance.now() - since);
    return finding;
  };
  const broken = (error: unknown): Finding => {
    driving.bug(check.id, error);
    return temperror('internal error');
  };
  try {
    if (!isKnownAt(check.stage, owner.stage)) throw new Error(`asked too early: at ${owner.stage}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stage has just been looked at
    const answer = check.run(session as AtRcpt, signal);
    if (!(answer instanceof Promise)) return told(answer);
    const keep = (finding: Finding): Finding => {
      // After the deadline `giveUp` has spoken: a finding that a decision rested on must not change.
      if (owner.get(check.id) === undefined) owner.keep(check.id, finding);
      return told(finding);
    };
    return answer.then(keep, (error: unknown) => keep(broken(error)));
  } catch (error) {
    return told(broken(error));
  }
}
