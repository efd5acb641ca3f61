/** Owns Scope: the findings of one stage of one session, on top of those of the stages before. */

import type { Stage } from '../mail/session.ts';
import type { CheckId, Finding } from './finding.ts';
import type { Findings } from './rule.ts';

/**
 * A new HELO, message or recipient gets a new Scope on the same outer one: a finding lives as long as the facts it
 * rests on, and nothing is reset by hand.
 */
export class Scope implements Findings {
  readonly stage: Stage;
  readonly outer: Scope | null;
  // Made when first needed: an idle connection holds several scopes with nothing in them.
  #found: Map<CheckId, Finding> | null = null;
  #running: Map<CheckId, Promise<Finding>> | null = null;
  /** How those of them are given up that were begun ahead, and that no decision has waited for yet. */
  #ahead: Map<CheckId, () => void> | null = null;
  /** Of the decision that is being made. */
  #momentary: Map<CheckId, Finding> | null = null;
  /** Of this and all decisions before. */
  #past: Map<CheckId, Finding> | null = null;

  constructor(stage: Stage, outer: Scope | null = null) {
    this.stage = stage;
    this.outer = outer;
  }

  get(id: CheckId): Finding | undefined {
    return this.#found?.get(id) ?? this.#momentary?.get(id) ?? this.outer?.get(id);
  }

  /** The checks whose findings are kept here and further out, but for those of the moment. */
  ids(): readonly CheckId[] {
    return [...(this.#found?.keys() ?? []), ...(this.outer?.ids() ?? [])];
  }

  running(id: CheckId): Promise<Finding> | undefined {
    return this.#running?.get(id) ?? this.outer?.running(id);
  }

  /** As `running`, for a decision: from now on it goes on whatever becomes of the scope. */
  wait(id: CheckId): Promise<Finding> | undefined {
    const running = this.#running?.get(id);
    if (running === undefined) return this.outer?.wait(id);
    this.#ahead?.delete(id);
    return running;
  }

  /** The scope that a finding of a check of this stage belongs to: this one or one further out. */
  of(stage: Stage): Scope {
    return this.stage === stage || this.outer === null ? this : this.outer.of(stage);
  }

  keep(id: CheckId, finding: Finding): void {
    this.#found ??= new Map();
    this.#found.set(id, finding);
    this.#running?.delete(id);
    this.#ahead?.delete(id);
  }

  keepForNow(id: CheckId, finding: Finding): void {
    this.#momentary ??= new Map();
    this.#momentary.set(id, finding);
    this.#past ??= new Map();
    this.#past.set(id, finding);
  }

  /** What was true at the moment of the last decision here that asked; for telling, not for deciding. */
  past(id: CheckId): Finding | undefined {
    return this.#past?.get(id);
  }

  /** Another decision is to be made: what was true for the last one is asked again. */
  beginDecision(): void {
    this.#momentary = null;
    this.outer?.beginDecision();
  }

  keepRunning(id: CheckId, running: Promise<Finding>): void {
    this.#running ??= new Map();
    this.#running.set(id, running);
  }

  /** `giveUp`, which must not throw, is called if the scope ends before anybody waits. */
  keepAhead(id: CheckId, giveUp: () => void): void {
    this.#ahead ??= new Map();
    this.#ahead.set(id, giveUp);
  }

  /** Its facts hold no more: another message, HELO or session has come, or none will. */
  end(): void {
    for (const giveUp of this.#ahead?.values() ?? []) giveUp();
    this.#ahead = null;
  }
}
