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

/** Bytes beside the characters of key and records: an Entry, its number, two strings' heads, its place in the Map. Measured. */
const OVERHEAD = 170;

export class AnswerCache {
  readonly #bounds: CacheBounds;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What they take of memory, by our own count. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Returns how many others had to make room; what alone is beyond the bounds is not kept. */
  set(key: string, entry: Entry): number {
    this.delete(key);
    const cost = costOf(key, entry);
    if (cost > this.#bounds.bytes || this.#bounds.entries < 1) return 0;
    let evicted = 0;
    while (this.#entries.size >= this.#bounds.entries || this.#bytes + cost > this.#bounds.bytes) {
      const [oldest] = this.#entries.keys();
      this.delete(oldest!);
      evicted++;
    }
    this.#entries.set(key, entry);
    this.#bytes += cost;
    return evicted;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= costOf(key, entry);
  }
}

function costOf(key: string, { text }: Entry): number {
  return OVERHEAD + key.length + text.length;
}
