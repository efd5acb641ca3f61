/** Owns what is counted of the DNS, for metrics: all since start. */

export interface DnsCounts {
  /** What was asked of the cache, and how it was answered: at once, with what was too old, or after asking. */
  lookups: number;
  hits: number;
  stale: number;
  misses: number;
  /** Entries that had to make room. */
  evicted: number;
  /** Datagrams with a query; those beyond the first of a lookup among them. */
  queries: number;
  retries: number;
  /** Words of a server to what it was asked, failures and broken ones among them. */
  answers: number;
  /** Questions asked again by TCP. */
  tcp: number;
  /** Lookups that ended without an answer in their time. */
  timeouts: number;
  /** Datagrams that were no answer to what was asked: late, or forged. */
  foreign: number;
  /** Answers that could not be read. */
  broken: number;
}

export function noCounts(): DnsCounts {
  return {
    lookups: 0,
    hits: 0,
    stale: 0,
    misses: 0,
    evicted: 0,
    queries: 0,
    retries: 0,
    answers: 0,
    tcp: 0,
    timeouts: 0,
    foreign: 0,
    broken: 0,
  };
}
