/** Owns what is asked of the load generator, and what it answers. */

/** Of a filter. */
export type Target = { readonly path: string } | { readonly port: number };

export interface Job {
  readonly target: Target;
  readonly load: Load;
}

export interface Load {
  /** Sessions at a time; with a rate, the most that may be open before the run counts as failed. */
  readonly concurrency: number;
  /** Sessions begun per second, whether or not earlier ones are through (open loop); null: as fast as it goes. */
  readonly rate: number | null;
  /** What ends it: so many seconds, or so many sessions. */
  readonly until: { readonly seconds: number } | { readonly sessions: number };
  readonly recipients: number;
  /** The number of the first identity. */
  readonly first: number;
  /** Only so many identities, again and again; null: each is used once. */
  readonly pool: number | null;
  /** A pool is gone through in no order; without, one after the other. */
  readonly shuffled?: boolean;
  /** What every recipient must be told. */
  readonly expect: 'deferred' | 'accepted';
}

/** Latencies are those of one RCPT, in microseconds. */
export interface Outcome {
  readonly sessions: number;
  readonly seconds: number;
  readonly rcpts: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Sessions that were cut, answered otherwise than expected, or not in time; with a few of the reasons. */
  readonly failed: number;
  readonly reasons: readonly string[];
}

/** The generator is told by message: a job, or to open connections and hold them until the next message. */
export type Order =
  | { readonly kind: 'play'; readonly job: Job }
  | { readonly kind: 'hold'; readonly target: Target; readonly connections: number }
  | { readonly kind: 'release' };

export type Report =
  | { readonly kind: 'played'; readonly outcome: Outcome }
  | { readonly kind: 'held' }
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly why: string };
