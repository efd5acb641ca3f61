/** Owns Recent: what was worked out lately, by key, in bounded memory; what was used longest ago goes first. */

import type { CacheBounds } from '../dns/answer-cache.ts';

interface Kept {
  readonly text: string;
  /** In the milliseconds of whoever asks. */
  readonly untilMs: number;
  /** Bytes. */
  readonly cost: number;
}

/** Bytes beside the characters: an object, two strings' heads, a place in a Map. */
const OVERHEAD = 200;

/**
 * Two generations, each of half the bounds: what is used moves into the younger one, and when that is full the older one
 * goes as a whole. So a used one stays for at least half of the bounds, and nothing has to be put in order.
 */
export class Recent {
  readonly #half: CacheBounds;
  #young = new Map<string, Kept>();
  #old = new Map<string, Kept>();
  #bytes = 0;
  #oldBytes = 0;

  constructor({ entries, bytes }: CacheBounds) {
    this.#half = { entries: Math.floor(entries / 2), bytes: bytes / 2 };
  }

  /** By our own count, with what is too old. */
  get size(): CacheBounds {
    return { entries: this.#young.size + this.#old.size, bytes: this.#bytes + this.#oldBytes };
  }

  get(key: string, nowMs: number): string | null {
    const young = this.#young.get(key);
    const kept = young ?? this.#old.get(key);
    if (kept === undefined || nowMs >= kept.untilMs) return null;
    if (young === undefined) this.#put(key, kept);
    return kept.text;
  }

  set(key: string, text: string, untilMs: number): void {
    this.#put(key, { text, untilMs, cost: OVERHEAD + key.length + text.length });
  }

  #put(key: string, kept: Kept): void {
    this.#take(key);
    const { cost } = kept;
    if (cost > this.#half.bytes || this.#half.entries < 1) return;
    if (this.#young.size >= this.#half.entries || this.#bytes + cost > this.#half.bytes) {
      this.#old = this.#young;
      this.#oldBytes = this.#bytes;
      this.#young = new Map();
      this.#bytes = 0;
    }
    this.#young.set(key, kept);
    this.#bytes += cost;
  }

  #take(key: string): void {
    const young = this.#young.get(key);
    const old = this.#old.get(key);
    if (young !== undefined) this.#young.delete(key);
    if (old !== undefined) this.#old.delete(key);
    this.#bytes -= young?.cost ?? 0;
    this.#oldBytes -= old?.cost ?? 0;
  }
}
