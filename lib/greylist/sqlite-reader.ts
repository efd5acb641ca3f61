/** Owns reading a greylist file from another process than the service's, whether that runs or not. */

import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFilter, type ListedTriplet, type ListFilter, type Stats } from './listing.ts';
import { fileBytes } from './sqlite-file.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { Pages, sumTallies, type Page } from './sqlite-pages.ts';
import { mustBeCurrent } from './sqlite-schema.ts';
import { StoreError } from './store.ts';

/** Blocks the calling thread a few ms per page. Both throw StoreError. */
export interface Reader {
  list(filter: ListFilter, nowMs: number): AsyncIterable<ListedTriplet>;
  stats(nowMs: number): Promise<Stats>;
  close(): void;
}

/**
 * Opens the file only to read; it may lag a second behind what the service knows of last uses. Throws StoreError:
 * there is none, it can't be read, or it is no greylist of this version.
 */
export function readSqlite(path: string): Reader {
  const file = resolve(path);
  if (!existsSync(file)) throw new StoreError('io', `there is no ${file}: no triplet was ever stored there`);
  // The service has made it and not yet written.
  if (statSync(file).size === 0 && fileBytes(file) === 0) return EMPTY;
  const db = openToRead(file);
  const pages = new Pages(db);
  return {
    async *list(filter, nowMs) {
      const matches = compileFilter(filter);
      let after: number | null = 0;
      while (after !== null) {
        const from: number = after;
        // Each page is a transaction of its own: a pager that waits for a key must not keep the log from shrinking.
        const page: Page = told(file, () => pages.page(from, nowMs));
        yield* page.triplets.filter(matches);
        after = page.next;
      }
    },
    async stats(nowMs) {
      const counts = await sumTallies((after) => told(file, () => pages.tally(after, nowMs)));
      return { ...counts, bytes: fileBytes(file) };
    },
    close: () => db.close(),
  };
}

const EMPTY: Reader = {
  async *list() {},
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

function openToRead(file: string): DatabaseSync {
  try {
    return opened(file, file);
  } catch (error) {
    // A reader of a log needs the log's index (-shm); without one, and without the right to make one, SQLite can't
    // open the file. If there is nothing in the log, nothing is missed by not looking at it.
    if (sqliteFailure(error) === null || fileBytes(file) !== statSync(file).size)
      return told(file, () => fail(error));
  }
  return told(file, () => opened(`${pathToFileURL(file).href}?immutable=1`, file));
}

function opened(location: string, file: string): DatabaseSync {
  const db = new DatabaseSync(location, { readOnly: true, returnArrays: true, timeout: 1000 });
  try {
    mustBeCurrent(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
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

function fail(error: unknown): never {
  throw error;
}
