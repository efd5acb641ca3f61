/** Owns expiry in the SQLite tables: a walk in slices that removes what is past its time. */

import type { DatabaseSync } from 'node:sqlite';
import type { Key } from './key.ts';
import { PAGES_OF_LOG } from './sqlite-file.ts';
import { allRows, getRow } from './sqlite-rows.ts';
import type { TripletTable } from './sqlite-table.ts';
import type { ExpirySlice } from './store.ts';
import { SOFT_FIRST } from './triplet.ts';

/**
 * A slice looks at so many rows and removes so many of them: one to two milliseconds, in which judgements wait, ten at the
 * p99 in a file of ten million. The keys of each lie on a page of their own. At one slice per 20 ms that is 700 a second.
 */
const ROWS_LOOKED_AT = 500;
const ROWS_REMOVED = 16;
/** A slice takes the log into the file when it has so many pages, for its own lie all over a large file. */
const PAGES_PER_CHECKPOINT = 250;

/** `never`: it has not come back. */
type ExpiredRow = [id: number, never: number];

/** First the triplets, then what was earned, then who may answer. */
export class Sweep {
  readonly #db: DatabaseSync;
  readonly #table: TripletTable;
  readonly #end;
  readonly #expired;
  readonly #others: readonly KeyedWalk[];
  /** The walk's place: ids up to this one are done; null: the triplets are. */
  #doneTo: number | null = 0;

  constructor(db: DatabaseSync, table: TripletTable) {
    this.#db = db;
    this.#table = table;
    // By id, in which they were written: the rows of a slice are neighbours on disk, and no index is needed.
    const slice = `FROM (SELECT id, expires, state, sender FROM triplet WHERE id > ? ORDER BY id LIMIT ${ROWS_LOOKED_AT})`;
    this.#end = db.prepare(`SELECT max(id), count(*) ${slice}`);
    this.#expired = db.prepare(
      `SELECT id, state % 2 = 0 AND sender <> '${SOFT_FIRST}' ${slice} WHERE expires < ? LIMIT ${ROWS_REMOVED}`,
    );
    this.#others = [new KeyedWalk(db, 'standing'), new KeyedWalk(db, 'answer')];
  }

  /** Throws SQLite's error; the walk's place is then as before. */
  slice(nowMs: number): ExpirySlice {
    return this.#doneTo === null ? this.#sliceOfOthers(nowMs) : this.#sliceOfTriplets(this.#doneTo, nowMs);
  }

  #sliceOfTriplets(doneTo: number, nowMs: number): ExpirySlice {
    const [end, count] = getRow<[number | null, number]>(this.#end, doneTo)!;
    const expired = allRows<ExpiredRow>(this.#expired, doneTo, nowMs / 1000);
    // One that was used since and waits to be written may live on; if it doesn't, the next walk takes it.
    const gone = expired.filter(([id]) => !this.#table.isUsed(id));
    if (gone.length > 0) this.#write(() => this.#remove(gone, nowMs));
    if (expired.length === ROWS_REMOVED) this.#doneTo = expired.at(-1)![0];
    else this.#doneTo = end === null || count < ROWS_LOOKED_AT ? null : end;
    return { removed: gone.length, done: false };
  }

  #remove(expired: readonly ExpiredRow[], nowMs: number): void {
    for (const [id] of expired) this.#table.remove(id);
    const never = expired.reduce((sum, [, each]) => sum + each, 0);
    if (never > 0) this.#table.counts.addNow('never-returned', nowMs, never);
  }

  #write<T>(run: () => T): T {
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${PAGES_PER_CHECKPOINT}`);
    try {
      return this.#table.write(run);
    } finally {
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${PAGES_OF_LOG}`);
    }
  }

  #sliceOfOthers(nowMs: number): ExpirySlice {
    const walk = this.#others.find((each) => !each.done);
    if (walk === undefined) {
      this.#table.write(() => this.#table.counts.expire(nowMs));
      for (const each of this.#others) each.begin();
      this.#doneTo = 0;
      return { removed: 0, done: true };
    }
    return { removed: walk.slice(nowMs, (run) => this.#write(run)), done: false };
  }
}

/** Through a table by its keys. */
class KeyedWalk {
  done = false;
  readonly #end;
  readonly #expired;
  readonly #remove;
  #doneTo: Key | null = null;

  constructor(db: DatabaseSync, table: 'standing' | 'answer') {
    const slice = `FROM (SELECT key, expires FROM ${table} WHERE key > ? ORDER BY key LIMIT ${ROWS_LOOKED_AT})`;
    this.#end = db.prepare(`SELECT max(key), count(*) ${slice}`);
    this.#expired = db.prepare(`SELECT key ${slice} WHERE expires < ? LIMIT ${ROWS_REMOVED}`);
    this.#remove = db.prepare(`DELETE FROM ${table} WHERE key = ?`);
  }

  begin(): void {
    this.done = false;
    this.#doneTo = null;
  }

  slice(nowMs: number, write: (run: () => void) => void): number {
    const from = this.#doneTo ?? new Uint8Array();
    const [end, count] = getRow<[Key | null, number]>(this.#end, from)!;
    const expired = allRows<[key: Key]>(this.#expired, from, nowMs / 1000);
    if (expired.length > 0) write(() => expired.forEach(([key]) => this.#remove.run(key)));
    if (expired.length === ROWS_REMOVED) this.#doneTo = expired.at(-1)![0];
    else {
      this.#doneTo = end;
      this.done = count < ROWS_LOOKED_AT;
    }
    return expired.length;
  }
}
