/** Owns the Resolver that remembers: each name is asked for once, by whomever, until what was said of it is too old. */

import { AnswerCache, type CacheBounds } from './answer-cache.ts';
import { noCounts, type DnsCounts } from './dns-counts.ts';
import { Remembered, type Memory } from './remembered.ts';
import type { Answer, Mx, Resolver } from './resolver.ts';

export interface CachingResolverOptions {
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly bounds?: CacheBounds;
  /** So long after its time an answer may still be given, if the DNS has no other (RFC 8767); 0: never. */
  readonly serveStaleMs?: number;
  readonly counts?: DnsCounts;
}

/** A hundred thousand clients of a day, by a few lists. */
const BOUNDS: CacheBounds = { entries: 100_000, bytes: 32 * 2 ** 20 };

/**
 * Failures are not remembered: while a query is under way all share it, so that a dead server is asked once a name and
 * timeout, and one that is back is believed at once. A query goes on when its asker has gone; its answer is remembered.
 */
export class CachingResolver implements Resolver {
  /** Asks the DNS each time, by the same sockets, and leaves no trace here. */
  readonly fresh: Resolver;
  readonly counts: DnsCounts;
  readonly #a: Remembered<string>;
  readonly #aaaa: Remembered<string>;
  readonly #mx: Remembered<Mx>;
  readonly #ptr: Remembered<string>;
  readonly #txt: Remembered<string>;
  readonly #cache: AnswerCache;

  constructor(
    dns: Resolver,
    { now, bounds = BOUNDS, serveStaleMs = 0, counts = noCounts() }: CachingResolverOptions,
  ) {
    this.fresh = dns;
    this.counts = counts;
    this.#cache = new AnswerCache(bounds);
    const memory: Memory = { cache: this.#cache, counts, now, serveStaleMs };
    this.#a = new Remembered('A', (...asked) => dns.a(...asked), memory);
    this.#aaaa = new Remembered('AAAA', (...asked) => dns.aaaa(...asked), memory);
    this.#mx = new Remembered('MX', (...asked) => dns.mx(...asked), memory);
    this.#ptr = new Remembered('PTR', (...asked) => dns.ptr(...asked), memory);
    this.#txt = new Remembered('TXT', (...asked) => dns.txt(...asked), memory);
  }

  /** What is remembered now; `bytes` by our own count. */
  get remembered(): CacheBounds {
    return { entries: this.#cache.size, bytes: this.#cache.bytes };
  }

  a(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#a.ask(name, signal);
  }

  aaaa(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#aaaa.ask(name, signal);
  }

  mx(name: string, signal: AbortSignal): Promise<Answer<Mx>> {
    return this.#mx.ask(name, signal);
  }

  ptr(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ptr.ask(name, signal);
  }

  txt(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#txt.ask(name, signal);
  }
}
