/** Owns when a sender tries again: the schedules of the model (issue 6), after the first try. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `hidden`: a pool with neither SPF nor a usable name. */
export const SERVER_KINDS = ['postfix', 'exim', 'exchange', 'pool', 'hidden'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** What a mail server does not get rid of for so long it gives back to its sender: Postfix's `maximal_queue_lifetime`. */
export const GIVES_UP_AFTER_MS = 5 * DAY;

const minutes = (...gaps: readonly number[]): number[] => gaps.map((gap) => gap * MINUTE);

/** The first gaps of those that do not follow from the one before, and what comes then. */
const GAPS: Readonly<Record<ServerKind, (n: number) => number>> = {
  /** 5 minutes, doubling to 66. */
  postfix: (n) => Math.min(5 * 2 ** n, 66) * MINUTE,
  /** 15 minutes for two hours, then half as long again each time, up to 6 hours. */
  exim: (n) => Math.min(15 * MINUTE * 1.5 ** Math.max(0, n - 7), 6 * HOUR),
  exchange: listed(minutes(1, 1, 1, 10, 10, 15)),
  pool: listed(minutes(1, 5, 10, 20, 30, 60)),
  hidden: listed(minutes(1, 5, 10, 20, 30, 60)),
};

/** The last one again and again. */
function listed(gaps: readonly number[]): (n: number) => number {
  return (n) => gaps[Math.min(n, gaps.length - 1)]!;
}

/** Ms after the first try, of the n-th retry (from 0), given that of the try before; null: it gives up. */
export function retryOf(kind: ServerKind, n: number, beforeMs: number): number | null {
  const atMs = beforeMs + Math.round(GAPS[kind](n));
  return atMs > GIVES_UP_AFTER_MS ? null : atMs;
}

/** `roaming`: one pair from other hosts of the botnet. `account`: spam from a hosted account of a real pool. */
export const BOT_KINDS = ['once', 'soon', 'patient', 'roaming', 'account'] as const;
export type BotKind = (typeof BOT_KINDS)[number];

/** As `retryOf`. `lot`: at least 0, below 1. */
export function botRetryOf(kind: BotKind, n: number, beforeMs: number, lot: number): number | null {
  switch (kind) {
    case 'once':
      return null;
    case 'soon':
      return n === 0 ? SECOND + Math.floor(lot * 30) * SECOND : null;
    case 'patient':
      return n < 10 ? beforeMs + MINUTE : null;
    case 'roaming':
      return n < 12 ? beforeMs + 5 * MINUTE : null;
    case 'account':
      return retryOf('pool', n, beforeMs);
  }
}
