/** Owns the judgement of greylisting: what an attempt is, given what was seen before. Pure; time is passed in. */

/** Of one rule of the policy; delay ≤ window is the configuration's business. */
export interface Timings {
  /** A retry before this is early. */
  readonly delayMs: number;
  /** A retry after this is a new triplet. */
  readonly windowMs: number;
  /** A passed triplet that was not used for this long is forgotten. */
  readonly lifetimeMs: number;
  /** Distinct triplets after which a host or domain need not wait any more; 0 or absent: never. */
  readonly allowAfter?: number;
  /** The same sender and recipient, tried often enough, passes after this wherever it comes from; null or absent: never. */
  readonly capMs?: number | null;
}

/** What is remembered of a triplet; all times in ms since the epoch. */
export interface Entry {
  readonly firstMs: number;
  /** Rounded down to a whole second, so that a store needs fewer bytes, but never before `firstMs`. */
  readonly lastMs: number;
  /** Attempts, this one included. */
  readonly tries: number;
  readonly passed: boolean;
  /** How long it was kept waiting before it passed; 0: it has not, or need not have waited. */
  readonly delayedSeconds: number;
  /** Let in by an administrator, and not come since: `passed` is true, and nothing has been delivered. */
  readonly released?: true;
  /** The last moment at which it still counts, rounded up to a second; afterwards a store may drop it. */
  readonly expiresMs: number;
}

export type Judgement =
  /** `waitSeconds` until a retry passes; never 0. */
  | { readonly outcome: 'new' | 'early'; readonly waitSeconds: number; readonly tries: number }
  /** `capped`: it came from everywhere, and often enough. */
  | { readonly outcome: 'passed' | 'capped'; readonly delayedSeconds: number; readonly tries: number }
  /** The first try since an administrator let it in. */
  | { readonly outcome: 'released'; readonly delayedSeconds: number; readonly tries: number }
  /** By the standing of the attempt's subject of this index. */
  | { readonly outcome: 'allowed'; readonly subject: number }
  /** It has passed before; one of us has written to him; or he is the proof's provider. */
  | { readonly outcome: 'known' | 'answered' | 'provider' }
  /** Of an attempt that asks for `onlyKnown`. */
  | { readonly outcome: 'unseen' };

/** How often one that is known was used, and when last. */
export interface Uses {
  readonly times: number;
  readonly lastMs: number;
  readonly lifetimeMs: number;
}

export interface Ruling {
  readonly judgement: Exclude<
    Judgement,
    { readonly outcome: 'allowed' | 'answered' | 'provider' | 'unseen' }
  >;
  /** To be stored under all keys of the attempt. */
  readonly entry: Entry;
  /** Which of the entries seen this one continues; null: none, it is a new one. */
  readonly continues: number | null;
}

/**
 * `seen`: what the store has under the keys of one attempt. A passed one that is alive rules, else a waiting one;
 * of several the earliest first-seen.
 *
 * No clock is trusted. If it went back, a waiting triplet begins again from now, so that it waits one delay more
 * and not until the old time returns; a passed one keeps its later last use. A clock that jumps ahead makes
 * triplets new, which costs one delay.
 */
export function judge(seen: readonly (Entry | undefined)[], nowMs: number, timings: Timings): Ruling {
  const at = alive(seen, nowMs, timings);
  if (at !== null) {
    const entry = seen[at]!;
    if (entry.released) return broughtIn(entry, at, nowMs, timings);
    if (!entry.passed) return retried(entry, at, nowMs, timings);
    return knownAgain(entry, at, { times: 1, lastMs: nowMs, lifetimeMs: timings.lifetimeMs });
  }
  const entry = {
    firstMs: nowMs,
    lastMs: nowMs,
    tries: 1,
    passed: false,
    delayedSeconds: 0,
    expiresMs: secondUp(nowMs + timings.windowMs),
  };
  const judgement = { outcome: 'new', waitSeconds: wholeSeconds(timings.delayMs), tries: 1 } as const;
  return { judgement, entry, continues: null };
}

/** Which of them rules: of those that have passed the earliest, else of those that wait; null: none counts any more. */
export function alive(
  seen: readonly (Entry | undefined)[],
  nowMs: number,
  { lifetimeMs, windowMs }: Timings,
): number | null {
  return (
    earliest(seen, (entry) => entry.passed && nowMs - entry.lastMs <= lifetimeMs) ??
    earliest(seen, (entry) => !entry.passed && nowMs - entry.firstMs <= windowMs)
  );
}

/** Of one that was known all the while; null: it is not, or not any more. */
export function usedSince(seen: readonly (Entry | undefined)[], use: Uses): Ruling | null {
  const { lastMs, lifetimeMs } = use;
  const at = alive(seen, lastMs, { lifetimeMs, windowMs: 0, delayMs: 0 });
  const entry = at === null ? undefined : seen[at]!;
  return entry?.passed === true && entry.released !== true ? knownAgain(entry, at!, use) : null;
}

function knownAgain(entry: Entry, continues: number, { times, lastMs, lifetimeMs }: Uses): Ruling {
  const last = Math.max(entry.lastMs, secondDown(lastMs));
  return {
    judgement: { outcome: 'known' },
    entry: { ...entry, lastMs: last, tries: entry.tries + times, expiresMs: secondUp(last + lifetimeMs) },
    continues,
  };
}

/** Of one that was released: what it was kept waiting is known only now. */
export function broughtIn(
  { firstMs, lastMs, tries }: Entry,
  continues: number | null,
  nowMs: number,
  timings: Timings,
): Ruling {
  const next = { firstMs, lastMs: Math.max(lastMs, secondDown(nowMs)), tries: tries + 1 };
  return passing('released', next, nowMs, timings, continues);
}

function retried(entry: Entry, continues: number, nowMs: number, timings: Timings): Ruling {
  const firstMs = Math.min(entry.firstMs, nowMs);
  const tries = entry.tries + 1;
  const waitedMs = nowMs - firstMs;
  const lastMs = Math.max(firstMs, secondDown(nowMs));
  const next = { firstMs, lastMs, tries };
  if (waitedMs < timings.delayMs) {
    const judgement = {
      outcome: 'early',
      waitSeconds: wholeSeconds(timings.delayMs - waitedMs),
      tries,
    } as const;
    return {
      judgement,
      entry: { ...next, passed: false, delayedSeconds: 0, expiresMs: secondUp(firstMs + timings.windowMs) },
      continues,
    };
  }
  return passing('passed', next, nowMs, timings, continues);
}

/** A waiting one whose sender and recipient were tried from another origin. */
export function triedElsewhere(entry: Entry, nowMs: number, { windowMs }: Timings): Entry {
  const tries = entry.tries + 1;
  if (entry.firstMs <= nowMs) return { ...entry, tries };
  return { ...entry, tries, firstMs: nowMs, lastMs: nowMs, expiresMs: secondUp(nowMs + windowMs) };
}

/** Lets in what has waited since `firstMs`. */
export function passing(
  outcome: 'passed' | 'capped' | 'released',
  { firstMs, lastMs, tries }: Pick<Entry, 'firstMs' | 'lastMs' | 'tries'>,
  nowMs: number,
  { lifetimeMs }: Timings,
  continues: number | null,
): Ruling {
  const delayedSeconds = Math.max(0, Math.floor((nowMs - firstMs) / 1000));
  return {
    judgement: { outcome, delayedSeconds, tries },
    entry: { firstMs, lastMs, tries, passed: true, delayedSeconds, expiresMs: secondUp(lastMs + lifetimeMs) },
    continues,
  };
}

/** As if it had passed just now; its next try tells how long it has waited. */
export function releasedEntry(entry: Entry, nowMs: number, lifetimeMs: number): Entry {
  const lastMs = Math.max(entry.firstMs, secondDown(nowMs));
  return { ...entry, passed: true, released: true, lastMs, expiresMs: secondUp(lastMs + lifetimeMs) };
}

function earliest(seen: readonly (Entry | undefined)[], counts: (entry: Entry) => boolean): number | null {
  let best: number | null = null;
  for (const [i, entry] of seen.entries()) {
    if (entry === undefined || !counts(entry)) continue;
    if (best === null || entry.firstMs < seen[best]!.firstMs) best = i;
  }
  return best;
}

/** Rounded up: a client that comes back after so many seconds must not be a moment early. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

export function secondDown(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function secondUp(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}
