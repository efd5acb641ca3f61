/** Owns the Resolver that remembers: each name is asked for once, by whomever, until what was said of it is too old. */

import { AnswerCache, type CacheBounds } from './answer-cache.ts';
import { CachingLane } from './caching-lane.ts';
import { noCounts, type DnsCounts } from './dns-counts.ts';
import { Orphans } from './orphans.ts';
import type { Resolver } from './resolver.ts';

/** How each kind of question is asked; a resolver may stand for several, whose lookups then share its turns. */
export interface Lanes {
  readonly names: Resolver;
  readonly lists: Resolver;
  readonly tests: Resolver;
}

/** Everybody on the same. */
export function oneLane(dns: Resolver): Lanes {
  return { names: dns, lists: dns, tests: dns };
}

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
 * Three lanes to the DNS, each a resolver with sockets and turns of its own: the names that clients come with (this one),
 * DNS `lists`, and `tests` of lists. A client can make up as many names as he likes, whose servers are silent for as long as
 * he likes; so they keep nobody waiting but each other. What is remembered is shared, but not the queries under way: for a
 * list's own question may be a name that a client made up.
 *
 * Failures are not remembered: while a query is under way all share it, so that a dead server is asked once a name and
 * timeout, and one that is back is believed at once. A query goes on when its asker has gone, as one of a few
 * (orphans.ts), and its answer is remembered.
 */
export class CachingResolver extends CachingLane {
  readonly lists: Resolver;
  /** Asks the DNS each time, for the tests of lists. */
  readonly tests: Resolver;
  readonly counts: DnsCounts;
  readonly #cache: AnswerCache;

  constructor(
    { names, lists, tests }: Lanes,
    { now, bounds = BOUNDS, serveStaleMs = 0, counts = noCounts() }: CachingResolverOptions,
  ) {
    const cache = new AnswerCache(bounds);
    const memory = { cache, counts, now, serveStaleMs };
    super(names, { ...memory, orphans: new Orphans() });
    this.lists = new CachingLane(lists, { ...memory, orphans: new Orphans() });
    this.tests = tests;
    this.counts = counts;
    this.#cache = cache;
  }

  /** What is remembered now; `bytes` by our own count. */
  get remembered(): CacheBounds {
    return { entries: this.#cache.size, bytes: this.#cache.bytes };
  }
}
