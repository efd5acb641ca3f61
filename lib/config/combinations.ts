/** Owns what is wrong between values that are right each by itself, and what is allowed but rarely meant. */

import { formatDuration } from '../yaml/duration.ts';
import type { Place } from '../yaml/place.ts';
import type { RuleList } from '../rules/rule-lists.ts';
import type { greylist } from './schema.ts';
import type { Entries, Entry } from '../yaml/section.ts';
import { restrictionsIn } from '../rules/written-rule.ts';

const hour = 3_600_000;

export function judgeGreylist(entries: Entries<typeof greylist.fields>): void {
  const { delay, retry_window, lifetime } = entries;
  const window = formatDuration(retry_window.value);
  if (allSound(delay, retry_window) && delay.value >= retry_window.value)
    blamed(delay, retry_window).error(
      `the delay (${formatDuration(delay.value)}) is not shorter than the retry window (${window}): nothing could ever pass`,
      `write greylist.delay: 60s and greylist.retry_window: 2d, or the like`,
    );
  else {
    if (delay.place.sound && delay.value === 0)
      delay.place.warning('every retry passes at once: greylisting does nothing', 'write 60s');
    if (delay.value > hour)
      delay.place.warning('few senders retry so late, and people wait for their mail', 'write 60s to 5m');
    if (retry_window.value < 4 * hour)
      retry_window.place.warning('a sender that retries more slowly than this never passes', 'write 2d');
  }
  if (allSound(retry_window, lifetime) && lifetime.value < retry_window.value)
    blamed(lifetime, retry_window).error(
      `the lifetime (${formatDuration(lifetime.value)}) is shorter than the retry window (${window})`,
      'write greylist.lifetime: 36d, or the like',
    );
  judgeCap(entries);
  const { ipv4_prefix, ipv6_prefix } = entries;
  if (ipv4_prefix.value < 16)
    ipv4_prefix.place.warning('so wide a network lets a bot pass on the retry of a stranger', 'write 24');
  if (ipv6_prefix.value < 32)
    ipv6_prefix.place.warning('so wide a network lets a bot pass on the retry of a stranger', 'write 64');
  if (ipv6_prefix.value > 64)
    ipv6_prefix.place.warning('a host may change its address within its /64 at every retry', 'write 64');
}

function judgeCap({ cap, delay, retry_window }: Entries<typeof greylist.fields>): void {
  if (cap.value === null) return;
  const long = formatDuration(cap.value);
  const window = formatDuration(retry_window.value);
  // A window that is too short for the delay is wrong itself.
  const isWide = delay.value < retry_window.value;
  if (isWide && allSound(cap, retry_window) && cap.value > retry_window.value)
    blamed(cap, retry_window).warning(
      `the cap (${long}) is longer than the retry window (${window}): it lets nobody in`,
      `${cap.written ? 'write greylist.cap: 65m' : 'write greylist.retry_window: 2d'}, or greylist.cap: null for none`,
    );
  if (allSound(cap, delay) && cap.value < delay.value)
    blamed(cap, delay).warning(tooSoon(long, `the delay (${formatDuration(delay.value)})`), LONGER_CAP);
}

function tooSoon(cap: string, delay: string): string {
  return `${delay} is longer than the cap (${cap}), which lets in whoever has tried three times by then`;
}

const LONGER_CAP = 'write a longer greylist.cap, or null for none';

/** A greylist rule of the policy has its own delay, but the window and the cap of all. */
export function judgeDelays(lists: readonly RuleList[], entries: Entries<typeof greylist.fields>): void {
  const { cap, retry_window } = entries;
  const { source } = cap.place;
  const window = formatDuration(retry_window.value);
  for (const rule of lists.flatMap(({ rules }) => rules)) {
    const offset = rule.offset ?? 0;
    for (const { options, written } of restrictionsIn(rule)) {
      if (options?.kind !== 'greylist') continue;
      if (retry_window.place.sound && options.delayMs >= retry_window.value)
        source.report(
          offset,
          'error',
          `policy: ${written}: this is not shorter than the retry window (${window}): nothing could ever pass`,
          'write a shorter delay',
        );
      else if (cap.value !== null && cap.place.sound && options.delayMs > cap.value)
        source.report(
          offset,
          'warning',
          `policy: ${tooSoon(formatDuration(cap.value), written)}`,
          LONGER_CAP,
        );
    }
  }
}

function allSound(...entries: readonly Entry<unknown>[]): boolean {
  return entries.every(({ place }) => place.sound);
}

/** The first that was written: the other is a default, and has no line to show. */
function blamed(...entries: readonly Entry<unknown>[]): Place {
  return (entries.find(({ written }) => written) ?? entries[0]!).place;
}
