/** `postern greylist list`: the triplets that fit. */

import type { ListedTriplet } from '../greylist/listing.ts';
import { FILTER_HELP, FILTER_OPTIONS, readFilters } from './greylist-filters.ts';
import { withGreylist } from './greylist-place.ts';
import { isoTime, localTime, print, printJson } from './print.ts';
import { optionsAlone } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern greylist list [--client WHAT] [--sender WHAT] [--rcpt WHAT] [--state STATE] [--since AGE]
                             [--config FILE] [--json]

What waits and what has passed, in the order of first sight. A database is read whether the service runs or not.
${FILTER_HELP}
  --json          one object a line; times are ISO 8601

example: postern greylist list --client 192.0.2.10 --state waiting
`;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone(
    'greylist list',
    args,
    HELP,
    { ...FILTER_OPTIONS, config: { type: 'string' }, json: { type: 'boolean', default: false } },
    (argument) => ` ${argument}; write --sender ${argument}, or: postern greylist show ${argument}`,
  );
  if (values === null) return 0;
  const nowMs = Date.now();
  const filter = readFilters('greylist list', values, nowMs) ?? {};
  return withGreylist(values.config, async (source) => {
    if (!values.json)
      await print(
        row('state', 'first seen', 'last try', 'tries', 'expires', 'origin', 'sender', 'recipient'),
      );
    let found = 0;
    for await (const triplet of source.list(filter, nowMs)) {
      found++;
      await (values.json ? printJson(tripletJson(triplet), 0) : print(asText(triplet)));
    }
    if (found === 0) process.stderr.write('no triplet fits\n');
    return 0;
  });
}

function asText(triplet: ListedTriplet): string {
  return row(
    triplet.state,
    localTime(triplet.firstMs),
    localTime(triplet.lastMs),
    String(triplet.tries),
    localTime(triplet.expiresMs),
    triplet.origins.map(({ value }) => value).join(','),
    triplet.sender,
    triplet.recipient,
  );
}

/** Times are ISO 8601. */
export function tripletJson(triplet: ListedTriplet): Record<string, unknown> {
  return {
    state: triplet.state,
    first: isoTime(triplet.firstMs),
    last: isoTime(triplet.lastMs),
    expires: isoTime(triplet.expiresMs),
    tries: triplet.tries,
    delayed: triplet.delayedSeconds,
    origins: triplet.origins,
    sender: triplet.sender,
    recipient: triplet.recipient,
  };
}

const WIDTHS = [8, 19, 19, 5, 19, 18, 30];

function row(...cells: readonly string[]): string {
  return `${cells
    .map((cell, i) => harmless(cell).padEnd(WIDTHS[i] ?? 0))
    .join('  ')
    .trimEnd()}\n`;
}
