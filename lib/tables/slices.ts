/** Owns how long a reading may hold the event loop before others have their turn. */

import { setImmediate } from 'node:timers/promises';
import type { Pause } from './read-content.ts';

/** A line or a pattern may take a few ms more. */
const SLICE_MS = 8;
/** The clock costs more than most lines do. */
const LINES_PER_LOOK = 4;

export function slices(): Pause {
  let end = performance.now() + SLICE_MS;
  let lines = 0;
  return () => {
    if (++lines % LINES_PER_LOOK !== 0 || performance.now() < end) return null;
    return setImmediate().then(() => {
      end = performance.now() + SLICE_MS;
    });
  };
}
