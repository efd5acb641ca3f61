/** Owns Clock: the time and the timers that list health goes by, so that specs can move them by hand. */

export interface Clock {
  /** Milliseconds since 1970; may jump both ways. */
  now(): number;
  /** Milliseconds since some moment; never goes back, but stands still while the machine is suspended. */
  elapsed(): number;
  /** Runs it once, later; returns how to call it off. */
  after(ms: number, run: () => void): () => void;
}

/** Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A moment, by both clocks. */
export interface Moment {
  readonly now: number;
  readonly elapsed: number;
}

export function momentOf(clock: Clock): Moment {
  return { now: clock.now(), elapsed: clock.elapsed() };
}

/** The longer of what the two clocks say: neither a clock set back nor a suspended machine makes anything younger. */
export function ageMs(clock: Clock, { now, elapsed }: Moment): number {
  return Math.max(clock.elapsed() - elapsed, clock.now() - now, 0);
}

/** By the clock that nobody sets: neither a clock that is set right nor a suspended machine makes anything last longer. */
export function lastedMs(clock: Clock, { elapsed }: Moment): number {
  return Math.max(clock.elapsed() - elapsed, 0);
}
