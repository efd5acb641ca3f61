/** `postern greylist stats`: what greylisting did, and what it cost whom. */

import { sumsOf, type OriginFigures, type Sums } from '../greylist/figures.ts';
import type { DelayBucket } from '../greylist/delays.ts';
import type { GreylistFigures } from '../control/greylist-figures.ts';
import { STORE_HELP, withGreylist } from './greylist-place.ts';
import { isoTime, localTime, printJson, printLines, shownSeconds, table } from './print.ts';
import { readSince, SINCE_FORMS } from './since.ts';
import { optionsAlone } from './usage.ts';

const HELP = `usage: postern greylist stats [--since WHEN] [--config FILE | --store FILE] [--json]

What greylisting did by day (of UTC): how many tries it deferred, how many triplets passed, and how many never returned,
which is what it stopped. And from the triplets that are remembered: how long they were kept waiting, and which origins
(networks, SPF domains, organisations) have the most of them and were kept waiting the longest in all. A triplet that
has several origins counts for each.

  --since WHEN    only triplets that were first seen since then:
${SINCE_FORMS}${STORE_HELP}  --json          one object; times are ISO 8601

example: postern greylist stats --since 7d
`;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone('greylist stats', args, HELP, {
    since: { type: 'string' },
    config: { type: 'string' },
    store: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values === null) return 0;
  const nowMs = Date.now();
  const sinceMs = values.since === undefined ? null : readSince('greylist stats', values.since, nowMs);
  return withGreylist(values, async (source) => {
    const told = await source.figures(sinceMs ?? 0, nowMs);
    const periods = {
      today: sumsOf(told.days, 1, nowMs),
      week: sumsOf(told.days, 7, nowMs),
      all: sumsOf(told.days, null, nowMs),
    };
    await (values.json
      ? printJson(asJson(source.name, told, periods))
      : printLines(asText(source.name, told, periods, sinceMs)));
    return 0;
  });
}

type Periods = Readonly<Record<'today' | 'week' | 'all', Sums>>;

function asJson(file: string, { figures, stats, days }: GreylistFigures, periods: Periods): object {
  const { busiest, costliest, delays, medianDelaySeconds, p95DelaySeconds, ...counts } = figures;
  const date = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
  return {
    file,
    ...counts,
    bytes: stats.bytes,
    oldest: date(stats.oldestMs),
    newest: date(stats.newestMs),
    did: periods,
    days: days.map(({ day, counts: counted }) => ({
      day: isoTime(day * DAY_MS)?.slice(0, 10) ?? null,
      ...counted,
    })),
    delays: { median: medianDelaySeconds, p95: p95DelaySeconds, buckets: delays },
    busiest,
    costliest,
  };
}

const DAY_MS = 86_400_000;

function asText(
  file: string,
  { figures, stats }: GreylistFigures,
  periods: Periods,
  sinceMs: number | null,
): string[] {
  const { triplets, waiting, passed, released, expired, once, respelled } = figures;
  const local = (ms: number | null): string => (ms === null ? '-' : localTime(ms));
  return [
    `file           ${file}`,
    `triplets       ${triplets}${sinceMs === null ? '' : `   (first seen since ${localTime(sinceMs)})`}`,
    `  waiting      ${waiting}`,
    `  passed       ${passed}`,
    ...(released === 0
      ? []
      : [`  released     ${released}   (of those that passed: by hand, and have not come since)`]),
    `  expired      ${expired}   (past their time, not yet removed)`,
    `  tried once   ${once}   (of those that have not passed)`,
    ...(respelled === 0
      ? []
      : [
          `  imported     ${respelled}   (there twice, also as postgrey or milter-greylist spelled the sender)`,
        ]),
    `first seen     ${local(stats.oldestMs)} to ${local(stats.newestMs)}`,
    `on disk        ${stats.bytes === null ? '-' : byteText(stats.bytes)}`,
    '',
    ...did(periods),
    '',
    ...distribution(figures.delays, figures.medianDelaySeconds, figures.p95DelaySeconds),
    ...origins('origins with the most triplets', figures.busiest),
    ...origins('origins that were kept waiting the longest in all', figures.costliest),
  ];
}

const DID: readonly (readonly [what: string, of: (sums: Sums) => number])[] = [
  ['deferred, for the first time', (sums) => sums.new],
  ['deferred again, too early', (sums) => sums.early],
  ['passed after the delay or a release', (sums) => sums.passed],
  ['passed by the cap', (sums) => sums.capped],
  ['known, let in at once', (sums) => sums.known],
  ['allowed, let in at once', (sums) => sums.allowed],
  ['answered one of us, let in at once', (sums) => sums.answered],
  ['large providers, let in at once', (sums) => sums.provider],
  ['never returned', (sums) => sums['never-returned']],
  ['released by hand', (sums) => sums.released],
];

const MOST_PROVIDERS = 10;

function did({ today, week, all }: Periods): string[] {
  return table(
    [
      ['what it did', 'today', '7 days', 'all'],
      ...DID.map(([what, of]) => [what, String(of(today)), String(of(week)), String(of(all))]),
      ...Object.keys(all.providers)
        .toSorted((a, b) => all.providers[b]! - all.providers[a]!)
        .slice(0, MOST_PROVIDERS)
        .map((name) => [
          `  ${name}`,
          ...[today, week, all].map(({ providers }) => String(providers[name] ?? 0)),
        ]),
    ],
    [1, 2, 3],
  );
}

function distribution(buckets: readonly DelayBucket[], median: number | null, p95: number | null): string[] {
  const all = buckets.reduce((sum, { triplets }) => sum + triplets, 0);
  if (all === 0) return ['no triplet that is remembered has waited and passed'];
  const most = Math.max(...buckets.map(({ triplets }) => triplets));
  return [
    `kept waiting, of ${all === 1 ? '1 triplet' : `${all} triplets`} that passed: median ${shownSeconds(median)}, 95 % within ${shownSeconds(p95)}`,
    ...table(
      buckets.map(({ belowSeconds, triplets }) => [
        belowSeconds === null ? '  longer' : `  below ${shownSeconds(belowSeconds)}`,
        String(triplets),
        `${((100 * triplets) / all).toFixed(1)} %`,
        '#'.repeat(Math.ceil((40 * triplets) / most)),
      ]),
      [1, 2],
    ),
  ];
}

function origins(title: string, figures: readonly OriginFigures[]): string[] {
  if (figures.length === 0) return [];
  return [
    '',
    title,
    ...table(
      [
        ['  triplets', 'passed', 'tried once', 'delay in all', 'median', 'origin'],
        ...figures.map(({ kind, value, triplets, passed, once, delaySeconds, medianDelaySeconds }) => [
          String(triplets),
          String(passed),
          String(once),
          shownSeconds(delaySeconds),
          shownSeconds(medianDelaySeconds),
          `${kind} ${value}`,
        ]),
      ],
      [0, 1, 2, 3, 4],
    ),
  ];
}

function byteText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
