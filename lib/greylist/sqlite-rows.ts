/** Owns the shape of a row of the table `triplet`: how an Entry is written in it and read back. */

import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Entry } from './judge.ts';

/** The columns of an entry, in the order of `EntryRow`. */
export const ENTRY_COLUMNS = 'first, last, expires, state, delayed';

export type EntryRow = [first: number, last: number, expires: number, state: number, delayed: number];

/** Behind a SELECT of columns of `triplet t`: the one that a key leads to. */
export const BY_KEY = 'FROM key JOIN triplet t ON t.id = triplet WHERE key = ?';

/** In the place of seconds: an administrator let it in, and it has not come since. */
const RELEASED = -1;

export function entryOf([first, last, expires, state, delayed]: EntryRow): Entry {
  const entry = {
    firstMs: first,
    lastMs: Math.max(first, last * 1000),
    tries: state >> 1,
    passed: state % 2 === 1,
    delayedSeconds: Math.max(0, delayed),
    expiresMs: expires * 1000,
  };
  return delayed === RELEASED ? { ...entry, released: true } : entry;
}

export function rowOf(entry: Entry): SQLInputValue[] {
  const { firstMs, lastMs, expiresMs, tries, passed, delayedSeconds, released } = entry;
  const state = tries * 2 + (passed ? 1 : 0);
  const delayed = released ? RELEASED : delayedSeconds;
  return [firstMs, Math.floor(lastMs / 1000), expiresMs / 1000, state, delayed];
}

/** The first row as a tuple of the type that the statement's columns have. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's query says what comes back
export function getRow<T extends SQLOutputValue[]>(
  statement: StatementSync,
  ...values: SQLInputValue[]
): T | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- STRICT tables; node:sqlite's types don't know returnArrays
  return statement.get(...values) as unknown as T | undefined;
}

export function allRows<T extends SQLOutputValue[]>(
  statement: StatementSync,
  ...values: SQLInputValue[]
): T[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return statement.all(...values) as unknown as T[];
}

/** One by one: what comes before a row that can't be read is not lost. */
export function eachRow<T extends SQLOutputValue[]>(statement: StatementSync): Iterable<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return statement.iterate() as unknown as Iterable<T>;
}
