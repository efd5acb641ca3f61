/** Owns Asking: the findings as the rules see them, each check run when a rule first asks for what it finds. */

import { isKnownAt, type AtRcpt, type Session, type Stage } from '../mail/session.ts';
import type { AnyCheck } from './check.ts';
import { temperror } from './finding.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Findings } from './rule.ts';
import type { Scope } from './scope.ts';

export interface Driving {
  readonly checks: ReadonlyMap<CheckId, AnyCheck>;
  /** For all checks together; what is unknown by then counts as temperror. */
  readonly deadlineMs: number;
  /** A check broke its promise and threw: a bug of ours. It counts as temperror, mail goes on. */
  bug(check: CheckId, error: unknown): void;
  /** A check has been run; `ms`: how long it took. */
  readonly asked?: (check: CheckId, finding: Finding, ms: number) => void;
}

export interface Waiting {
  readonly id: CheckId;
  /** Never rejects. */
  readonly finding: Promise<Finding>;
}

/** What needs no I/O is found at once, so that the rules are gone through once, and not once for each check. */
export class Asking implements Findings {
  /** What has been asked and has to be waited for. */
  readonly waiting: Waiting[] = [];
  readonly #session: Session;
  readonly #scope: Scope;
  readonly #driving: Driving;
  readonly #signal: AbortSignal;
  /** Checks of this decision alone that have been begun. */
  #momentary: Map<CheckId, Promise<Finding>> | null = null;
  #over = false;

  constructor(session: Session, scope: Scope, driving: Driving, signal: AbortSignal) {
    this.#session = session;
    this.#scope = scope;
    this.#driving = driving;
    this.#signal = signal;
  }

  get(id: CheckId): Finding | undefined {
    return this.#scope.get(id) ?? this.#ask(id);
  }

  /** The decision has been made: what is true for a moment only, and comes now, is nothing for the next one. */
  end(): void {
    this.#over = true;
  }

  /** Whether none of them waits for the network. */
  isNear(waiting: readonly Waiting[]): boolean {
    return waiting.every(({ id }) => {
      const { far, momentary } = checkOf(id, this.#driving);
      return far !== true && momentary !== true;
    });
  }

  giveUp(waiting: readonly Waiting[]): void {
    for (const { id } of waiting)
      if (this.#scope.get(id) === undefined) this.#keep(id, temperror('no answer within the deadline'));
  }

  #ask(id: CheckId): Finding | undefined {
    const check = checkOf(id, this.#driving);
    const begun = this.#momentary?.get(id) ?? this.#scope.wait(id);
    if (begun === undefined && !this.#hasAll(check.after)) return undefined;
    const at = { session: this.#session, stage: this.#stageOf(check), known: this.#scope };
    const answer = begun ?? run(check, at, this.#driving, this.#signal);
    if (!(answer instanceof Promise)) {
      this.#keep(id, answer);
      return answer;
    }
    const finding = begun ?? this.#begin(check, answer);
    if (!this.waiting.some((each) => each.id === id)) this.waiting.push({ id, finding });
    return undefined;
  }

  /** Those that are not found yet are asked, each of them. */
  #hasAll(ids: readonly CheckId[] = []): boolean {
    return ids.filter((id) => this.get(id) === undefined).length === 0;
  }

  #begin(check: AnyCheck, answer: Promise<Finding>): Promise<Finding> {
    if (check.momentary !== true) return keepLater(check, answer, this.#scope);
    const finding = answer.then((found) => {
      if (!this.#over && this.#scope.get(check.id) === undefined) this.#keep(check.id, found);
      return found;
    });
    this.#momentary ??= new Map();
    this.#momentary.set(check.id, finding);
    return finding;
  }

  #keep(id: CheckId, finding: Finding): void {
    const check = checkOf(id, this.#driving);
    if (check.momentary === true) this.#scope.keepForNow(id, finding);
    else this.#scope.of(check.stage).keep(id, finding);
  }

  #stageOf({ stage, momentary }: AnyCheck): Stage {
    return momentary === true ? this.#scope.stage : this.#scope.of(stage).stage;
  }
}

function checkOf(id: CheckId, { checks }: Driving): AnyCheck {
  const check = checks.get(id);
  if (check === undefined) throw new Error(`a rule names a check that the policy lacks: ${id}`);
  return check;
}

/** Remembers that the check runs, and what it finds, as long as the facts that it rests on. */
export function keepLater(check: AnyCheck, answer: Promise<Finding>, scope: Scope): Promise<Finding> {
  const owner = scope.of(check.stage);
  const finding = answer.then((found) => {
    // After the deadline `giveUp` has spoken: a finding that a decision rested on must not change.
    if (owner.get(check.id) === undefined) owner.keep(check.id, found);
    return found;
  });
  owner.keepRunning(check.id, finding);
  return finding;
}

/** What a check is run with. */
export interface RunAt {
  readonly session: Session;
  /** The one whose facts the session has. */
  readonly stage: Stage;
  readonly known: Findings;
}

/** Never rejects, never throws: a check that does is a bug, and told. */
export function run(
  check: AnyCheck,
  { session, stage, known }: RunAt,
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
    if (!isKnownAt(check.stage, stage)) throw new Error(`asked too early: at ${stage}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stage has just been looked at
    const answer = check.run(session as AtRcpt, signal, known);
    if (!(answer instanceof Promise)) return told(answer);
    return answer.then(told, (error: unknown) => told(broken(error)));
  } catch (error) {
    return told(broken(error));
  }
}
