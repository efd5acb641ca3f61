/** Owns ListStatus: the condition of a DNS list, since when it has it, and who is told of it. */

import type { AnnouncedList } from './announced-list.ts';
import { lastedMs, momentOf, type Clock, type Moment } from './clock.ts';
import { UNTESTED, type ListCondition } from './list-condition.ts';
import type { ListChange, Standing } from './list-health.ts';
import { Madness } from './madness.ts';

/** How old the proof may be when a listing decides. */
export const PROOF_MS = 60_000;

export class ListStatus {
  readonly madness: Madness;
  readonly #clock: Clock;
  readonly #onChange: (change: ListChange) => void;
  #condition = UNTESTED;
  #since: number;
  #outSince: Moment | null;

  constructor(clock: Clock, onChange: (change: ListChange) => void) {
    this.madness = new Madness(clock);
    this.#clock = clock;
    this.#onChange = onChange;
    this.#since = clock.now();
    this.#outSince = momentOf(clock);
  }

  get condition(): ListCondition {
    return this.#condition;
  }

  /** In the same state. */
  set condition(condition: ListCondition) {
    this.#condition = condition;
  }

  /** It decides nothing, and need not be asked. */
  get isOut(): boolean {
    const { state } = this.#condition;
    return state !== 'alive' && state !== 'untested';
  }

  /** As a list of which nothing is known but when it was mad. */
  beginAnew(): void {
    this.#condition = UNTESTED;
    this.#since = this.#clock.now();
    this.#outSince = momentOf(this.#clock);
  }

  become(condition: ListCondition, { alias, kind, tests }: AnnouncedList): void {
    const from = this.#condition.state;
    this.#condition = condition;
    const { state, why, instead } = condition;
    if (state === from) return;
    this.madness.became(state);
    this.#since = this.#clock.now();
    this.#outSince = state === 'alive' ? null : (this.#outSince ?? momentOf(this.#clock));
    this.#onChange({ list: alias, about: kind, from, to: state, why, instead, tests });
  }

  /** `proofAgeMs`: null: there is no proof. */
  stands(proofAgeMs: number | null): Standing {
    const { state, why, instead } = this.#condition;
    const proven = state === 'alive' && proofAgeMs !== null && proofAgeMs <= PROOF_MS;
    const outForMs = this.#outSince === null ? null : lastedMs(this.#clock, this.#outSince);
    return { state, sinceMs: this.#since, outForMs, why, instead, proven };
  }
}
