/** Owns Madness: what is known of the times when a DNS list listed the world, and what it said then. */

import { ageMs, momentOf, type Clock, type Moment } from './clock.ts';
import type { ListState } from './list-health.ts';

/** Seconds that an answer is remembered at most (dns/remembered.ts): of a longer TTL no age can be told. */
const LONGEST_TTL = 3600;

export class Madness {
  readonly #clock: Clock;
  #isMad = false;
  #times = 0;
  /** When it last came back from listing the world. */
  #healedAt: Moment | null = null;
  /** Seconds: of what it lists. */
  #longestTtl = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It has listed the world, and was not alive again since. */
  get isMad(): boolean {
    return this.#isMad;
  }

  /** Nothing that it said then can be remembered by anybody any more. */
  get isForgotten(): boolean {
    if (this.#isMad) return false;
    return this.#healedAt === null || ageMs(this.#clock, this.#healedAt) > LONGEST_TTL * 1000;
  }

  /** So far. */
  get times(): number {
    return this.#times;
  }

  became(state: ListState): void {
    if (state === 'lists-the-world') {
      this.#isMad = true;
      this.#times++;
    }
    if (state !== 'alive' || !this.#isMad) return;
    this.#isMad = false;
    this.#healedAt = momentOf(this.#clock);
  }

  /** Of an answer that lists something, with what is left of its TTL: whether it is younger than the madness. */
  believes(ttlSeconds: number): boolean {
    const seconds = Math.min(ttlSeconds, LONGEST_TTL);
    this.#longestTtl = Math.max(this.#longestTtl, seconds);
    if (this.#isMad) return false;
    if (this.#healedAt === null) return true;
    return (this.#longestTtl - seconds) * 1000 < ageMs(this.#clock, this.#healedAt);
  }
}
