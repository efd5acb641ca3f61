/** Owns waiting for what other processes do: asking again and again instead of sleeping for a guessed time. */

import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is neither undefined nor false; throws with `what` if that takes over half a minute. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const giveUp = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > giveUp) throw new Error(`waited in vain for ${what}`);
    await pause(50);
  }
}
