/** Owns the passing of time for a filter: one unref'ed interval, counted in ticks, instead of timers per connection. */

export interface Deadlines {
  readonly answerMs: number;
  readonly endOfMessageMs: number;
  readonly progressMs: number;
  readonly idleMs: number;
  readonly frameMs: number;
  readonly writeMs: number;
}

export interface Swept {
  /** Called at every tick. */
  sweep(): void;
}

/** An answer deadline is kept to a sixteenth of its length. */
const TICKS_PER_DEADLINE = 16;

export class Sweep {
  /** Counts up while anybody is there to be swept. Noting it costs a connection nothing, unlike reading a clock. */
  ticks = 0;
  readonly #periodMs: number;
  readonly #swept = new Set<Swept>();
  #timer: NodeJS.Timeout | null = null;

  constructor(deadlines: Deadlines) {
    const shortest = Math.min(...Object.values(deadlines));
    this.#periodMs = Math.max(5, Math.min(500, Math.floor(shortest / TICKS_PER_DEADLINE)));
  }

  add(swept: Swept): void {
    this.#swept.add(swept);
    this.#timer ??= setInterval(() => this.#tick(), this.#periodMs).unref();
  }

  delete(swept: Swept): void {
    this.#swept.delete(swept);
  }

  /** True if `ms` may be over at the next tick: what is due then is due now, so that it is never late. */
  due(since: number, ms: number): boolean {
    return this.ticks - since >= Math.max(1, Math.floor(ms / this.#periodMs));
  }

  /** True if `ms` are over for sure: a patience that is never cut short. */
  over(since: number, ms: number): boolean {
    return (this.ticks - since - 1) * this.#periodMs >= ms;
  }

  #tick(): void {
    if (this.#swept.size === 0) {
      // Kept until now, so that a burst of short connections does not start it each time.
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    this.ticks += 1;
    for (const swept of this.#swept) swept.sweep();
  }
}
