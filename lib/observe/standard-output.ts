/** Owns standard output as the log's: written in the background, and what is lost of it is told. */

import pino from 'pino';
import type { LogOutput } from './log.ts';

export interface Closable {
  /** Calls back when all is written; that may be never if nobody reads. */
  finish(done: () => void): void;
  /** Gives up what is left. Without it, pino tries to write the rest at exit for as long as nobody reads. */
  destroy(): void;
}

/**
 * A slow journal must not make mail wait. Up to 16 MB are held for it, what is beyond is dropped, and how many lines
 * that were is told where they are missing; if nobody reads any more (EPIPE), mail goes on without a log.
 */
export function standardOutput(): LogOutput & Closable {
  const output = pino.destination({ fd: 1, sync: false, minLength: 0, maxLength: MOST_HELD });
  output.on('error', () => {});
  // Said within `write`: then nothing of what was to be written is kept.
  let dropped = false;
  output.on('drop', () => (dropped = true));
  let held = '';
  let lost = 0;
  let lossLineOf = (_lines: number): string => '';
  const put = (): void => {
    const lines = held;
    held = '';
    dropped = false;
    output.write(lost === 0 ? lines : `${lossLineOf(lost)}${lines}`);
    // The line about the loss is no loss if it is dropped, too.
    lost = dropped ? lost + lines.split('\n').length - 1 : 0;
  };
  // Who reads again learns it at once: the next event may be hours away.
  output.on('drain', () => {
    if (lost > 0) put();
  });
  let resting = false;
  const putHeld = (): void => {
    if (held === '') return;
    put();
    if (resting) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      putHeld();
    }, REST_MS).unref();
  };
  return {
    // A line comes at once, those behind it a moment later in one write: a system call for each would be the log's main cost.
    write(text, lossLine) {
      lossLineOf = lossLine;
      if (held === '' && !resting) setImmediate(putHeld);
      held += text;
      if (held.length > LONGEST_WRITE) putHeld();
    },
    finish(done) {
      putHeld();
      output.once('close', done);
      if (lost === 0) output.end();
      // Behind the drain above, which tells it: there is room for that only then.
      else output.once('drain', () => output.end());
    },
    destroy: () => output.destroy(),
  };
}

const REST_MS = 20;
const MOST_HELD = 16 * 1024 * 1024;
const LONGEST_WRITE = 64 * 1024;
