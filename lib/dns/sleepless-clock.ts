/** Owns the clock that the cache goes by: it goes on while the machine is suspended, and never goes back. */

export interface TwoClocks {
  /** Milliseconds since 1970; may jump both ways. */
  now(): number;
  /** Milliseconds since some moment; never goes back, but stands still while the machine is suspended. */
  elapsed(): number;
}

/** The two round differently, and the one is slewed: less apart, they have gone on alike. */
const JUMP_MS = 1000;

/**
 * Milliseconds since some moment. Where the time of day has gone on further, so does it: a machine that was suspended and
 * a clock that was set forward look alike, and what is remembered had better be too old than too young.
 */
export function sleeplessClock(clock: TwoClocks): () => number {
  let apart = clock.now() - clock.elapsed();
  let asleepMs = 0;
  return () => {
    const awakeMs = clock.elapsed();
    const jumpedMs = clock.now() - awakeMs - apart;
    if (Math.abs(jumpedMs) > JUMP_MS) {
      apart += jumpedMs;
      asleepMs += Math.max(0, jumpedMs);
    }
    return awakeMs + asleepMs;
  };
}
