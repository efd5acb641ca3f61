/** Owns HandClock: a clock and timers that stand still until a spec moves them; and waiting for what runs by itself. */

import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../lib/lists/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class HandClock implements Clock {
  #now = Date.parse('2026-11-21T12:00:00Z');
  #elapsed = 1000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Both clocks, and the timers that are due, in their order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#move(Math.max(0, next.at - this.#elapsed));
      this.#timers.delete(next);
      next.run();
    }
    this.#move(end - this.#elapsed);
  }

  /** Somebody sets the clock of the machine, or it was suspended: no timer sees it. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Milliseconds until each timer that is set, the next first. */
  get timers(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#elapsed).toSorted((a, b) => a - b);
  }

  #move(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }
}

/** Waits for what is under way, by what can be seen of it; the time limit of the test bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

/** For what would have happened by now, and should not. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}

/** Whether it has come by now. */
export function noticing(what: Promise<unknown>): () => boolean {
  let come = false;
  void what.then(() => (come = true));
  return () => come;
}
