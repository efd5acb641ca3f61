/** Owns what is given back to the system: what only the start has needed, and what a burst of mail has, once it is over. */

import { getHeapStatistics } from 'node:v8';

/**
 * A full collection, of thirty to sixty milliseconds: V8 collects nothing while nothing happens, so that what a start has
 * left (9 MB) would stay for good. A regular one would keep the pages. Does nothing without Node's `--expose-gc`, which
 * packaging/postern and the command's first line set.
 */
export function giveBackMemory(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}

/**
 * A burst is over when the thread has been quiet for so long. Not sooner: a full collection takes what was compiled along,
 * and to compile it anew for the next mail costs a second or two of CPU (spec/bench/README.md).
 */
const QUIET_MS = 30_000;
/** Quiet is who is at work for less than this part of the time: mail is too seldom then for more than one to meet a collection. */
const QUIET = 0.02;
/** From one collection to the next. */
const PAUSE_MS = 600_000;
/** Less is not worth one. */
const WORTH_BYTES = 4 << 20;

/** The memory of the thread that makes it: V8 has a heap for each. No timer runs while nothing is used. */
export class BurstMemory {
  #looking = false;
  #before = performance.eventLoopUtilization();
  #keptBytes = heapBytes();
  #notBeforeMs = 0;
  readonly #quietMs: number;

  constructor(quietMs = QUIET_MS) {
    this.#quietMs = quietMs;
  }

  /** At whatever may have needed memory. */
  used(): void {
    if (!this.#looking) this.#later(this.#quietMs);
  }

  #later(ms: number): void {
    this.#looking = true;
    this.#before = performance.eventLoopUtilization();
    setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    this.#looking = false;
    // V8 may have done it by itself.
    this.#keptBytes = Math.min(this.#keptBytes, heapBytes());
    if (heapBytes() - this.#keptBytes < WORTH_BYTES) return;
    const waitMs = this.#notBeforeMs - performance.now();
    const { utilization } = performance.eventLoopUtilization(this.#before);
    if (waitMs > 0 || utilization > QUIET) return this.#later(Math.max(this.#quietMs, waitMs));
    giveBackMemory();
    this.#keptBytes = heapBytes();
    this.#notBeforeMs = performance.now() + PAUSE_MS;
  }
}

function heapBytes(): number {
  return getHeapStatistics().total_heap_size;
}
