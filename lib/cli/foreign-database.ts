/** Owns what the import commands do with another greylister's database: look through it, or take it into Postern's. */

import { existsSync } from 'node:fs';
import { ADOPTION_OUTCOMES } from '../greylist/adopt.ts';
import { loadConfig } from '../config/load-config.ts';
import { StoreError } from '../greylist/store.ts';
import { DumpError } from '../import/db-dump.ts';
import type { Prefixes } from '../greylist/address-origin.ts';
import type { ForeignRow } from '../import/foreign-row.ts';
import { leftTold, RowTally, rowsTold, type RowCounts } from '../import/found-database.ts';
import { formatProblem } from '../yaml/problem.ts';
import { adoptRows, unfitFor } from './adopt-rows.ts';
import { fail } from './import-failure.ts';
import { configFile, makeStateDirectory, stateToRead } from './places.ts';
import { UsageError } from './usage.ts';

export interface ForeignDatabase {
  readonly files: readonly string[];
  /** Opens all of them at once, and reads them as they are asked for; `tally` hears of each row. Both throw DumpError. */
  open(greylist: GreylistKept, tally: RowTally): AsyncIterable<ForeignRow>;
}

/** What rows are read by, of Postern's own settings. */
export interface GreylistKept extends Prefixes {
  readonly lifetimeMs: number;
}

export interface Looked {
  readonly sentences: readonly string[];
  /** What could not be read; null: nothing. */
  readonly wrong: string | null;
}

/** Postern's own; to count the rows no others are needed. */
const USUAL: GreylistKept = { ipv4Prefix: 24, ipv6Prefix: 64, lifetimeMs: 36 * 86_400_000 };

/** Of a command that can take a database into Postern's. */
export const STORE_OPTIONS = {
  store: { type: 'boolean', default: false },
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Throws UsageError for options that go only with it. */
export function isStoreAsked(
  command: string,
  { store, config, json }: { readonly store: boolean; readonly config?: string; readonly json: boolean },
): boolean {
  if (!store && (json || config !== undefined))
    throw new UsageError(`${command}: --config and --json go with --store; see: postern ${command} --help`);
  return store;
}

/** `command` takes what is there into the database. */
export async function looked(database: ForeignDatabase | null, command: string): Promise<Looked> {
  if (database === null)
    return { sentences: ['Its database was not found: whom it knows waits once more.'], wrong: null };
  const tally = new RowTally();
  const wrong = await failure(async () => {
    // oxlint-disable-next-line no-empty -- the tally hears of each
    for await (const _ of database.open(USUAL, tally)) {
    }
  });
  const sentences = [
    `${database.files.join(' and ')}: ${rowsTold(tally.counts)}. With Postern stopped, "${command}" takes them over; until then all of them wait once more.`,
    ...leftTold(tally.counts).map((clause) => `${clause}.`),
    ...(wrong === null ? [] : [`${wrong}.`]),
  ];
  return { sentences, wrong };
}

/** The exit code. */
export async function takeInto(
  option: string | undefined,
  database: ForeignDatabase,
  known: Prefixes & { readonly name: string },
  json: boolean,
): Promise<number> {
  const file = configFile(option, process.env);
  const loaded = loadConfig(file, stateToRead(process.env));
  if (!loaded.ok) return fail(loaded.problems.map(formatProblem).join('\n'));
  const { config } = loaded;
  const unfit = unfitFor(known.name, known, config);
  const { store } = config;
  if (unfit.length > 0 || store.kind === 'memory')
    return fail([...unfit.map((sentence) => `${file}: ${sentence}`), 'nothing was written'].join('\n'));
  const isNew = !existsSync(store.path);
  const tally = new RowTally();
  const counts = { adopted: 0, there: 0, stale: 0 };
  const wrong = await failure(async () => {
    const rows = database.open(config.greylist, tally);
    makeStateDirectory(stateToRead(process.env));
    await adoptRows(store.path, rows, config, {
      adopted(more) {
        for (const outcome of ADOPTION_OUTCOMES) counts[outcome] += more[outcome];
      },
      told: (sentence) => void fail(sentence),
    });
  });
  const told = { ...tally.counts, ...counts };
  if (json)
    process.stdout.write(
      `${JSON.stringify({ files: database.files, store: store.path, ...told }, null, 2)}\n`,
    );
  else if (wrong === null || told.adopted > 0) process.stdout.write(report(database, store.path, told));
  if (wrong !== null) return fail(wrong);
  if (isNew) process.stderr.write(`postern: ${store.path} ${BEGUN}\n`);
  return (told.left.damaged ?? 0) + (told.left.hashed ?? 0) > 0 ? 1 : 0;
}

/** A service that systemd starts has its state elsewhere than whoever types this before it ever ran. */
const BEGUN =
  'was not there, and was begun: it has to be the one that the service uses, which its log names when it starts; a unit has its own in /var/lib/postern from its first start on, so start it once, stop it, and run this again';

interface Told extends RowCounts {
  readonly adopted: number;
  readonly there: number;
  readonly stale: number;
}

function report({ files }: ForeignDatabase, store: string, told: Told): string {
  const { adopted, there, stale } = told;
  return [
    `${files.join(' and ')}: ${rowsTold(told)}`,
    ...leftTold(told),
    `${store}: ${adopted} taken over, ${there} known there as well already, ${stale} past their time`,
    '',
  ].join('\n');
}

const STOP_IT =
  'stop it for the import (systemctl stop postern), and start it again: meanwhile Postfix lets mail in without greylisting (default_action = accept)';

/** Null: it went well. A bug is thrown. */
async function failure(run: () => Promise<void>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (error instanceof StoreError && error.cause === 'busy') return `${error.message}\n${STOP_IT}`;
    if (error instanceof DumpError || error instanceof StoreError) return error.message;
    throw error;
  }
}
