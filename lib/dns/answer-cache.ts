/** Owns AnswerCache: answers by name and type until they are too old, in bounded memory; what was used longest ago goes first. */

import type { Answer } from './resolver.ts';

export interface CacheBounds {
  readonly entries: number;
  readonly bytes: number;
}

/** An answer that can be kept: a failure can't. */
export type Known<T> = Exclude<Answer<T>, { status: 'temperror' }>;

export interface Entry {
  readonly status: Known<unknown>['status'];
  /** The records as JSON: a third of the memory of objects, and nobody can change what others are given. Empty: none. */
  readonly text: string;
  /** In the milliseconds of whoever asks. */
  readonly untilMs: number;
  /** When the DNS was last asked for something newer, and had nothing; null: it was not. */
  failedMs: number | null;
}

/**
 * Bytes beside the characters of key and records, measured: 120 for a Kept, its number and two strings' heads, and up to
 * 112 for a place in a Map from which as much is deleted as comes in, which is a quarter full at the worst.
 */
const OVERHEAD = 240;

/** An entry in its row. In the Map's own order, the oldest is behind the holes that those before it have left. */
interface Kept extends Entry {
  readonly key: string;
  older: Kept | null;
  newer: Kept | null;
}

export class AnswerCache {
  readonly #bounds: CacheBounds;
  readonly #kept = new Map<string, Kept>();
  /** The ends of the row: used longest ago, and last. */
  #oldest: Kept | null = null;
  #newest: Kept | null = null;
  #bytes = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** What they take of memory, by our own count. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Entry | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept !== this.#newest) {
      this.#takeOut(kept);
      this.#append(kept);
    }
    return kept;
  }

  /** Returns how many others had to make room; what alone is beyond the bounds is not kept. */
  set(key: string, entry: Entry): number {
    this.delete(key);
    const cost = costOf(key, entry);
    if (cost > this.#bounds.bytes || this.#bounds.entries < 1) return 0;
    let evicted = 0;
    while (this.size >= this.#bounds.entries || this.#bytes + cost > this.#bounds.bytes) {
      this.delete(this.#oldest!.key);
      evicted++;
    }
    const { status, text, untilMs, failedMs } = entry;
    const kept = { key, status, text, untilMs, failedMs, older: null, newer: null };
    this.#kept.set(key, kept);
    this.#append(kept);
    this.#bytes += cost;
    return evicted;
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#takeOut(kept);
    this.#bytes -= costOf(key, kept);
  }

  #append(kept: Kept): void {
    kept.older = this.#newest;
    if (this.#newest === null) this.#oldest = kept;
    else this.#newest.newer = kept;
    this.#newest = kept;
  }

  #takeOut(kept: Kept): void {
    const { older, newer } = kept;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    kept.older = kept.newer = null;
  }
}

function costOf(key: string, { text }: Entry): number {
  return OVERHEAD + key.length + text.length;
}
