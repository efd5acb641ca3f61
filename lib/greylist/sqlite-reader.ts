/** Owns reading a greylist file from another process than the service's, whether that runs or not. */

import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Key } from './key.ts';
import { compileFilter, type ListedTriplet, type ListFilter, type Stats } from './listing.ts';
import { fileBytes } from './sqlite-file.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { pagesFrom } from './page-walk.ts';
import { Pages, sumTallies, withoutId, type Page, type Stored } from './sqlite-pages.ts';
import { mustBeCurrent } from './sqlite-schema.ts';
import { StandingTable, type AnswerPage, type StandingPage } from './sqlite-standings.ts';
import type { Standing } from './standing.ts';
import type { DayCounts } from './counts.ts';
import { CountTable } from './sqlite-counts.ts';
import { StoreError, type OpenAnswer } from './store.ts';

/** Blocks the calling thread a few ms per page. All throw StoreError. */
export interface Reader {
  list(filter: ListFilter, nowMs: number): AsyncIterable<ListedTriplet>;
  stats(nowMs: number): Promise<Stats>;
  /** The triplet that a key leads to. */
  find(key: Key): Stored | undefined;
  standing(key: Key): Standing | undefined;
  /** Until when a correspondent may answer. */
  answerableUntilMs(key: Key): number | undefined;
  standings(nowMs: number): AsyncIterable<Standing>;
  answers(nowMs: number): AsyncIterable<OpenAnswer>;
  counts(): readonly DayCounts[];
  close(): void;
}

/**
 * Opens the file only to read; it may lag a second behind what the service knows of last uses. Throws StoreError:
 * there is none, it can't be read, or it is no greylist of this version.
 */
export function readSqlite(path: string): Reader {
  const file = resolve(path);
  if (!existsSync(file)) throw new StoreError('io', `there is no ${file}: nothing is stored there`);
  // The service has made it and not yet written.
  if (statSync(file).size === 0 && fileBytes(file) === 0) return EMPTY;
  let connection = openToRead(file);
  /** Each page is a transaction of its own: a pager that waits for a key must not keep the log from shrinking. */
  const read = <T>(page: (tables: Tables) => T): T => {
    if (connection.still && existsSync(`${file}-shm`)) {
      // The service was started meanwhile.
      connection.db.close();
      connection = openToRead(file);
    }
    return told(file, () => page(connection));
  };
  return {
    async *list(filter, nowMs) {
      const matches = compileFilter(filter);
      const walk = pagesFrom<number, Page>(0, (after) => read(({ pages }) => pages.page(after, nowMs)));
      for await (const { triplets } of walk) yield* triplets.filter(matches).map(withoutId);
    },
    async stats(nowMs) {
      const counts = await sumTallies((after) => read(({ pages }) => pages.tally(after, nowMs)));
      return { ...counts, bytes: fileBytes(file) };
    },
    find: (key) => read(({ pages }) => pages.find(key)),
    standing: (key) => read(({ standings }) => standings.find(key)),
    answerableUntilMs: (key) => read(({ standings }) => standings.answerableUntilMs(key)),
    async *standings(nowMs) {
      const page = (after: Key | null): StandingPage => read(({ standings }) => standings.page(after, nowMs));
      for await (const { standings } of pagesFrom<Key | null, StandingPage>(null, page)) yield* standings;
    },
    async *answers(nowMs) {
      const page = (after: Key | null): AnswerPage =>
        read(({ standings }) => standings.answerPage(after, nowMs));
      for await (const { answers } of pagesFrom<Key | null, AnswerPage>(null, page)) yield* answers;
    },
    counts: () => read(({ counts }) => counts.all()),
    close: () => connection.db.close(),
  };
}

interface Tables {
  readonly pages: Pages;
  readonly standings: StandingTable;
  readonly counts: CountTable;
}

interface Connection extends Tables {
  readonly db: DatabaseSync;
  /** Opened as a file that nobody changes. */
  readonly still: boolean;
}

const EMPTY: Reader = {
  async *list() {},
  find: () => undefined,
  standing: () => undefined,
  answerableUntilMs: () => undefined,
  async *standings() {},
  async *answers() {},
  counts: () => [],
  stats: () =>
    Promise.resolve({
      triplets: 0,
      waiting: 0,
      passed: 0,
      expired: 0,
      oldestMs: null,
      newestMs: null,
      bytes: 0,
    }),
  close() {},
};

/**
 * While the service runs, or after a crash, there is a log with its index (-shm). When it was stopped there is none;
 * an ordinary reader would then have to make one, may lack the right to, and would leave it behind as its own.
 */
function openToRead(file: string): Connection {
  const still = !existsSync(`${file}-shm`) && fileBytes(file) === statSync(file).size;
  const location = still ? `${pathToFileURL(file).href}?immutable=1` : file;
  return told(file, () => {
    const db = new DatabaseSync(location, { readOnly: true, returnArrays: true, timeout: 1000 });
    try {
      mustBeCurrent(db, file);
      return {
        db,
        pages: new Pages(db),
        standings: new StandingTable(db),
        counts: new CountTable(db),
        still,
      };
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** SQLite's errors as ours. */
function told<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const failure = sqliteFailure(error);
    if (failure === null) throw error;
    const hint = failure.cause === 'io' ? '; run this as the user of the service or as root' : '';
    throw new StoreError(failure.cause, `can't read ${file}: ${failure.why}${hint}`);
  }
}
