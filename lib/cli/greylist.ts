/** `postern greylist`: what waits and what has passed, read from the running service's database. */

import { asciiJson } from '../mail/json-text.ts';
import { loadConfig } from '../config/load-config.ts';
import { formatProblem } from '../yaml/problem.ts';
import { parseDuration } from '../yaml/duration.ts';
import type { ListedTriplet, ListFilter, Stats, TripletState } from '../greylist/listing.ts';
import { readSqlite } from '../greylist/sqlite-reader.ts';
import type { Reader } from '../greylist/sqlite-reader.ts';
import { StoreError } from '../greylist/store.ts';
import { configFile, isClosedToUs, stateToRead } from './places.ts';
import { parseOptions, UsageError } from './usage.ts';

const HELP = `usage: postern greylist list [--client WHAT] [--sender WHAT] [--rcpt WHAT] [--state STATE] [--since AGE]
       postern greylist stats
       each with [--config FILE] [--json]

Reads the database of the service, whether that runs or not, and changes nothing.

  --client WHAT   an address (finds the networks that it lies in), or a part of a network
  --sender WHAT   a part of the address, or a pattern with * and ?; a whole address may be given as the log shows it,
                  prvs=…=bob@example.net finds bob@example.net
  --rcpt WHAT     likewise
  --state STATE   waiting, passed or expired
  --since AGE     only what was tried in this time: 30m, 12h, 2d
  --json          list: one object a line; stats: one object. Times are ISO 8601

example: postern greylist list --client 192.0.2.10 --state waiting
`;

const LATER = ['show', 'release', 'forget', 'allow'];
const FILTERS = ['client', 'sender', 'rcpt', 'state', 'since'] as const;
const STATES: readonly TripletState[] = ['waiting', 'passed', 'expired'];

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('greylist', args, {
    config: { type: 'string' },
    client: { type: 'string' },
    sender: { type: 'string' },
    rcpt: { type: 'string' },
    state: { type: 'string' },
    since: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [what, ...more] = positionals;
  if (what === undefined || more.length > 0) {
    throw new UsageError('greylist: say what: postern greylist list, or postern greylist stats');
  }
  if (LATER.includes(what)) throw new UsageError(`greylist ${what}: not in this version yet`);
  if (what !== 'list' && what !== 'stats') {
    throw new UsageError(`greylist ${what}: no such command; see: postern greylist --help`);
  }
  const filters = FILTERS.filter((name) => values[name] !== undefined);
  if (what === 'stats' && filters.length > 0)
    throw new UsageError(
      `greylist stats: takes no --${filters[0]}; it counts everything; see: postern greylist --help`,
    );
  const now = Date.now();
  const filter = readFilter(values, now);
  return withReader(values.config, async (reader, file) => {
    if (what === 'list') await printList(reader, filter, now, values.json);
    else printStats(await reader.stats(now), file, values.json);
  });
}

function readFilter(
  values: { readonly [K in (typeof FILTERS)[number]]?: string | undefined },
  nowMs: number,
): ListFilter {
  const { client, sender, rcpt, state, since } = values;
  const known = STATES.find((name) => name === state);
  if (state !== undefined && known === undefined) {
    throw new UsageError(`greylist: --state ${state}: write ${STATES.join(', ')}`);
  }
  const age = since === undefined ? undefined : parseDuration(since);
  if (age !== undefined && typeof age !== 'number')
    throw new UsageError(`greylist: --since ${since}: write 30m, 12h or 2d`);
  return {
    ...(client === undefined ? {} : { origin: client }),
    ...(sender === undefined ? {} : { sender }),
    ...(rcpt === undefined ? {} : { recipient: rcpt }),
    ...(known === undefined ? {} : { state: known }),
    ...(age === undefined ? {} : { sinceMs: nowMs - age }),
  };
}

async function withReader(
  option: string | undefined,
  read: (reader: Reader, file: string) => Promise<void>,
): Promise<number> {
  const file = configFile(option, process.env);
  const loaded = loadConfig(file, stateToRead(process.env));
  if (!loaded.ok) return fail(loaded.problems.map(formatProblem).join('\n'));
  const { store } = loaded.config;
  if (store.kind === 'memory')
    return fail(`${file}: store: memory is seen by the service alone; only a database can be listed`);
  if (isClosedToUs(store.path))
    return fail(
      `postern: can't read ${store.path}: no permission; run this as root, or as the user of the service (its owner)`,
    );
  try {
    const reader = readSqlite(store.path);
    try {
      await read(reader, store.path);
    } finally {
      reader.close();
    }
    return 0;
  } catch (error) {
    if (error instanceof StoreError) return fail(`postern: ${error.message}`);
    throw error;
  }
}

async function printList(reader: Reader, filter: ListFilter, nowMs: number, json: boolean): Promise<void> {
  if (!json)
    await print(row('state', 'first seen', 'last try', 'tries', 'expires', 'origin', 'sender', 'recipient'));
  let found = 0;
  for await (const triplet of reader.list(filter, nowMs)) {
    found++;
    await print(json ? `${asciiJson(JSON.stringify(asJson(triplet)))}\n` : asText(triplet));
  }
  if (found === 0) process.stderr.write('no triplet fits\n');
}

/** Waits for a pager that is not read to the end; ten million lines do not pile up in memory. */
function print(text: string): Promise<void> | void {
  if (process.stdout.write(text)) return;
  return new Promise((resolve) => process.stdout.once('drain', () => resolve()));
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

function asJson(triplet: ListedTriplet): Record<string, unknown> {
  return {
    state: triplet.state,
    first: new Date(triplet.firstMs).toISOString(),
    last: new Date(triplet.lastMs).toISOString(),
    expires: new Date(triplet.expiresMs).toISOString(),
    tries: triplet.tries,
    origins: triplet.origins,
    sender: triplet.sender,
    recipient: triplet.recipient,
  };
}

const WIDTHS = [8, 19, 19, 5, 19, 18, 30];

function row(...cells: readonly string[]): string {
  return `${cells
    .map((cell, i) => shown(cell).padEnd(WIDTHS[i] ?? 0))
    .join('  ')
    .trimEnd()}\n`;
}

/** Addresses come from the network: nothing in them may speak to the terminal. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** `2026-11-21 10:00:00`, in the time zone of the admin. */
function localTime(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE');
}

function printStats(stats: Stats, file: string, json: boolean): void {
  const date = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  if (json) {
    const { oldestMs, newestMs, ...counts } = stats;
    process.stdout.write(
      `${JSON.stringify({ file, ...counts, oldest: date(oldestMs), newest: date(newestMs) }, null, 2)}\n`,
    );
    return;
  }
  const local = (ms: number | null): string => (ms === null ? '-' : localTime(ms));
  const size = stats.bytes === null ? '-' : byteText(stats.bytes);
  process.stdout.write(
    [
      `file           ${file}`,
      `triplets       ${stats.triplets}`,
      `  waiting      ${stats.waiting}`,
      `  passed       ${stats.passed}`,
      `  expired      ${stats.expired}   (past their time, not yet removed)`,
      `first seen     ${local(stats.oldestMs)} to ${local(stats.newestMs)}`,
      `on disk        ${size}`,
      '',
    ].join('\n'),
  );
}

function byteText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
