/** Owns standing: what a sending host or domain has earned by coming back, so that it need not wait any more. Pure. */

import type { Subject } from './triplet.ts';

/** All times in ms since the epoch, whole seconds. */
export interface Standing extends Subject {
  /** Distinct triplets that have passed, at most one an hour. */
  readonly count: number;
  /** When the last of them was counted. */
  readonly countedMs: number;
  /** By the administrator: nothing but he takes it away. */
  readonly granted: boolean;
  /** Not delayed any more. */
  readonly allowed: boolean;
  /** The last moment at which it counts. */
  readonly expiresMs: number;
}

export interface Earning {
  /** So many triplets; 0: nobody earns anything. */
  readonly allowAfter: number;
  /** What was not used for so long is forgotten. */
  readonly lifetimeMs: number;
}

/** A bot that is let in once could else earn all in one run. */
const AT_MOST_EVERY_MS = 3_600_000;

/** What a triplet that has just passed makes of it; null: nothing changes. */
export function credited(
  subject: Subject,
  before: Standing | undefined,
  nowMs: number,
  { allowAfter, lifetimeMs }: Earning,
): Standing | null {
  if (allowAfter === 0) return null;
  // What was granted for a time that is over is as nothing.
  const alive = before !== undefined && before.expiresMs >= nowMs ? before : null;
  if (alive?.granted === true) return null;
  // A clock that went back must not keep it from counting for ever.
  if (alive !== null && nowMs - alive.countedMs < AT_MOST_EVERY_MS && alive.countedMs <= nowMs) return null;
  const count = (alive?.count ?? 0) + 1;
  return {
    kind: subject.kind,
    value: subject.value,
    count,
    countedMs: wholeSecond(nowMs),
    granted: false,
    allowed: count >= allowAfter,
    expiresMs: wholeSecond(nowMs + lifetimeMs),
  };
}

export function granted({ kind, value }: Subject, untilMs: number, nowMs: number): Standing {
  const countedMs = wholeSecond(nowMs);
  return { kind, value, count: 0, countedMs, granted: true, allowed: true, expiresMs: wholeSecond(untilMs) };
}

export function isAllowed(standing: Standing | undefined, nowMs: number): standing is Standing {
  return standing?.allowed === true && standing.expiresMs >= nowMs;
}

/** Of one that has been of use: its lifetime begins anew, told once a day at most; null: nothing changes. */
export function used(standing: Standing, nowMs: number, { lifetimeMs }: Earning): Standing | null {
  const expiresMs = wholeSecond(nowMs + lifetimeMs);
  return standing.granted || expiresMs - standing.expiresMs < DAY_MS ? null : { ...standing, expiresMs };
}

const DAY_MS = 86_400_000;

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
