/** Owns expiry in the SQLite tables: a walk in slices that removes what is past its time. */

import type { DatabaseSync } from 'node:sqlite';
import { allRows, getRow } from './sqlite-rows.ts';
import type { TripletTable } from './sqlite-table.ts';
import type { ExpirySlice } from './store.ts';

/**
 * A slice looks at so many rows and removes so many: a millisecond, in which judgements wait. Larger ones make the
 * p99 of new triplets half as long again; at one slice per 20 ms these still remove 800 rows a second.
 */
const ROWS_LOOKED_AT = 500;
const ROWS_REMOVED = 16;

export class Sweep {
  readonly #table: TripletTable;
  readonly #end;
  readonly #expired;
  /** The walk's place: ids up to this one are done. */
  #doneTo = 0;

  constructor(db: DatabaseSync, table: TripletTable) {
    this.#table = table;
    // By id, in which they were written: the rows of a slice are neighbours on disk, and no index is needed.
    const slice = `FROM (SELECT id, expires FROM triplet WHERE id > ? ORDER BY id LIMIT ${ROWS_LOOKED_AT})`;
    this.#end = db.prepare(`SELECT max(id), count(*) ${slice}`);
    this.#expired = db.prepare(`SELECT id ${slice} WHERE expires < ? LIMIT ${ROWS_REMOVED}`);
  }

  /** Throws SQLite's error; the walk's place is then as before. */
  slice(nowMs: number): ExpirySlice {
    const [end, count] = getRow<[number | null, number]>(this.#end, this.#doneTo)!;
    const expired = allRows<[id: number]>(this.#expired, this.#doneTo, nowMs / 1000).map(([id]) => id);
    // One that was used since and waits to be written may live on; if it doesn't, the next walk takes it.
    const ids = expired.filter((id) => !this.#table.isPending(id));
    if (ids.length > 0) this.#table.remove(ids);
    if (expired.length === ROWS_REMOVED) this.#doneTo = expired.at(-1)!;
    else this.#doneTo = end === null || count < ROWS_LOOKED_AT ? 0 : end;
    return { removed: ids.length, done: this.#doneTo === 0 };
  }
}
