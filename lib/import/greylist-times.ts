/** Owns the times and networks that milter-greylist works by, as greylist.conf sets them (pending.h, autowhite.h, conf.c). */

import type { GreylistConf } from './greylist-conf.ts';

export interface MilterGreylistTimes {
  readonly delaySeconds: number;
  /** The longest that an entry of the access list has, or that of all. */
  readonly longestDelaySeconds: number;
  /** From its last use on. */
  readonly autowhiteSeconds: number;
  /** A tuple that waits is kept so long behind its delay. */
  readonly timeoutSeconds: number;
  /** Whoever has passed once is let in from the same address, whatever he sends. */
  readonly lazy: boolean;
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export const USUAL_TIMES: MilterGreylistTimes = {
  delaySeconds: 1800,
  longestDelaySeconds: 1800,
  autowhiteSeconds: 86_400,
  timeoutSeconds: 432_000,
  lazy: false,
  ipv4Prefix: 32,
  ipv6Prefix: 128,
};

/** What is no time, or no prefix, counts as if it were not written. */
export function milterGreylistTimes({ settings, acls }: GreylistConf): MilterGreylistTimes {
  const text = (key: string): string => settings.get(key)?.values[0]?.text ?? '';
  const time = (key: string, usual: number): number => secondsCount(text(key)) ?? usual;
  const prefix = (key: string, most: number): number => {
    const bits = /^\/(\d{1,3})$/.exec(text(key))?.[1];
    return bits === undefined || Number(bits) > most || Number(bits) === 0 ? most : Number(bits);
  };
  const delaySeconds = time('greylist', USUAL_TIMES.delaySeconds);
  const delays = acls.map(({ options }) => secondsCount(options.get('delay') ?? '') ?? 0);
  return {
    delaySeconds,
    longestDelaySeconds: delays.reduce((longest, each) => Math.max(longest, each), delaySeconds),
    autowhiteSeconds: time('autowhite', USUAL_TIMES.autowhiteSeconds),
    timeoutSeconds: time('timeout', USUAL_TIMES.timeoutSeconds),
    lazy: settings.has('lazyaw'),
    ipv4Prefix: prefix('subnetmatch', 32),
    ipv6Prefix: prefix('subnetmatch6', 128),
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `15m`, `900`; null: it is none. */
export function secondsCount(text: string): number | null {
  const [, count, unit] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit!]!;
}

/** `900` → `900s`, as Postern has it; null: it is no time. */
export function seconds(text: string): string | null {
  if (secondsCount(text) === null) return null;
  return /\d$/.test(text) ? `${text}s` : text;
}
