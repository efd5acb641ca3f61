/** Owns the meaning of SQLite's result codes for us (https://sqlite.org/rescode.html). */

import type { Failure } from './store.ts';

/** By primary result code, the low byte of the extended one. */
const FAILURES: Readonly<Record<number, Failure>> = {
  5: 'busy', // SQLITE_BUSY
  6: 'busy', // SQLITE_LOCKED
  8: 'read-only', // SQLITE_READONLY
  10: 'io', // SQLITE_IOERR
  11: 'corrupt', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'io', // SQLITE_CANTOPEN
  19: 'foreign', // SQLITE_CONSTRAINT: none of our tables has one that our statements could break
  26: 'corrupt', // SQLITE_NOTADB
};

/** SQLITE_IOERR_SHMSIZE: of the log's index, which a start has to make. */
const NO_ROOM: readonly number[] = [4874];

export interface SqliteFailure {
  readonly cause: Failure;
  /** SQLite's primary result code; not given: our own judgement. */
  readonly code?: number;
  /** SQLite's own words. */
  readonly why: string;
}

/** A row that SQLite can read and we can't: the file was written by something else, or its bytes have turned. */
export function damaged(why: string): Error {
  return Object.assign(new Error(why), { errcode: 11 });
}

/** Our own mistakes: SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_RANGE. */
const BUGS: readonly number[] = [20, 21, 25];

/** An integer that no number can hold is none that we wrote; node:sqlite has no code of its own for it. */
function isUnreadable(error: Error): boolean {
  return error instanceof RangeError && error.message.includes('represented as a JavaScript number');
}

/** Null: not a failure of the disk or the file, so a bug of ours. */
export function sqliteFailure(error: unknown): SqliteFailure | null {
  if (!(error instanceof Error)) return null;
  if (isUnreadable(error)) return { cause: 'corrupt', why: error.message };
  if (!('errcode' in error) || typeof error.errcode !== 'number') return null;
  const code = error.errcode & 0xff;
  if (BUGS.includes(code)) return null;
  const cause = NO_ROOM.includes(error.errcode) ? 'full' : (FAILURES[code] ?? 'io');
  return { cause, code, why: error.message };
}
