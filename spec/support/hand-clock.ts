/** Owns HandClock: time that stands still until a spec moves it, and timers that run by it. */

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** Noon of some day. */
const NOON_MS = Date.UTC(2026, 10, 21, 12);

export class HandClock {
  #ms = 0;
  readonly #timers = new Set<Timer>();

  /** Milliseconds since 1970. */
  readonly now = (): number => NOON_MS + this.#ms;

  readonly elapsed = (): number => this.#ms;

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { atMs: this.#ms + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Moves on; timers that become due meanwhile run at their time, the earliest first. */
  advance(ms: number): void {
    const end = this.#ms + ms;
    for (let next = this.#due(end); next !== null; next = this.#due(end)) {
      this.#timers.delete(next);
      this.#ms = Math.max(this.#ms, next.atMs);
      next.run();
    }
    this.#ms = end;
  }

  #due(end: number): Timer | null {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= end);
    return due.length === 0 ? null : due.reduce((first, each) => (each.atMs < first.atMs ? each : first));
  }
}
