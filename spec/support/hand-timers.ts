/** Owns HandTimers: this process's own setTimeout and setInterval, standing still until a spec moves them. */

import { HandClock } from './hand-clock.ts';

const REAL = { setTimeout, clearTimeout, setInterval, clearInterval };

export interface HandTimers {
  readonly clock: HandClock;
  /** Timers that are set from now on are the clock's; those that were set before go on. */
  takeOver(): void;
}

/** Call inside a `describe`; each test gets a clock of its own, and the real timers come back when it ends. */
export function handTimers(): HandTimers {
  let clock = new HandClock();
  afterEach(() => {
    Object.assign(globalThis, REAL);
    clock = new HandClock();
  });
  return {
    get clock() {
      return clock;
    },
    takeOver() {
      Object.assign(globalThis, {
        setTimeout: (run: () => void, ms = 0) => new HandTimer(clock, run, ms, false),
        setInterval: (run: () => void, ms = 0) => new HandTimer(clock, run, ms, true),
        clearTimeout: clear,
        clearInterval: clear,
      });
    },
  };
}

function clear(timer: HandTimer | NodeJS.Timeout | null | undefined): void {
  if (timer instanceof HandTimer) timer.clear();
  else REAL.clearTimeout(timer ?? undefined);
}

class HandTimer {
  #cancel: () => void;

  constructor(clock: HandClock, run: () => void, ms: number, again: boolean) {
    const fire = (): void => {
      if (again) this.#cancel = clock.after(ms, fire);
      run();
    };
    this.#cancel = clock.after(ms, fire);
  }

  clear(): void {
    this.#cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
