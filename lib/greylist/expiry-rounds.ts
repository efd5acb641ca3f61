/** Owns when expiry runs: one slice per pause until a walk is done, then a rest. */

import type { Store } from './store.ts';

export interface Rounds {
  /** Between two slices. */
  readonly pauseMs: number;
  /** From the end of a walk to the beginning of the next. */
  readonly restMs: number;
}

/** Ten million triplets are walked in seven minutes; 700 a second are removed, more than a busy server adds. */
export const ROUNDS: Rounds = { pauseMs: 20, restMs: 600_000 };

/** Begins after a rest, and does not keep the process alive. Returns how to stop it. */
export function startRounds(store: Pick<Store, 'expire'>, now: () => number, rounds: Rounds): () => void {
  let stopped = false;
  let timer = after(rounds.restMs);

  function after(ms: number): NodeJS.Timeout {
    return setTimeout(() => void step(), ms).unref();
  }

  async function step(): Promise<void> {
    // A failure is the judgements' to report; the walk goes on from its place after a rest.
    const slice = await store.expire(now()).catch(() => null);
    if (stopped) return;
    timer = after(slice === null || slice.done ? rounds.restMs : rounds.pauseMs);
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
