/** Owns the way to keys that lie side by side for a sender and recipient: before, each was a hash of all its parts. */

import type { DatabaseSync } from 'node:sqlite';
import { keysOf } from './key.ts';
import { allRows } from './sqlite-rows.ts';
import { parseOrigins } from './triplet.ts';

type Row = [id: number, passed: number, first: number, origins: string, sender: string, recipient: string];

const ROWS_PER_PAGE = 5000;
/** Sorted in memory, at some 100 bytes each. */
const KEYS_PER_SLICE = 400_000;
const MOST_SLICES = 256;

/**
 * Makes the table `key` anew from the table `triplet`, in a transaction of the caller: 6 s for a million triplets. Of two
 * with the same key the one has it that `judge` would go by. The keys of pairs come with the next try of each. Throws
 * SQLite's error.
 */
export function rekey(db: DatabaseSync, keysPerSlice = KEYS_PER_SLICE): void {
  db.exec(
    `DROP TABLE key;
     CREATE TABLE key (key BLOB PRIMARY KEY, triplet INTEGER NOT NULL) WITHOUT ROWID, STRICT;
     CREATE TABLE unsorted (key BLOB, triplet INTEGER, passed INTEGER, first INTEGER) STRICT`,
  );
  const keys = writeUnsorted(db);
  // In the order of the keys each page is written once; in any other, each key would cost a page.
  const sort = db.prepare(
    `INSERT OR IGNORE INTO key SELECT key, triplet FROM unsorted WHERE key >= ?1 AND (?2 IS NULL OR key < ?2)
     ORDER BY key, passed DESC, first`,
  );
  const slices = Math.min(MOST_SLICES, Math.max(1, Math.ceil(keys / keysPerSlice)));
  for (let slice = 0; slice < slices; slice++)
    sort.run(boundary(slice, slices), slice + 1 === slices ? null : boundary(slice + 1, slices));
  db.exec('DROP TABLE unsorted');
}

/** Returns how many there are. */
function writeUnsorted(db: DatabaseSync): number {
  const page = db.prepare(
    `SELECT id, state % 2, first, origins, sender, recipient FROM triplet WHERE id > ? ORDER BY id LIMIT ${ROWS_PER_PAGE}`,
  );
  page.setReturnArrays(true);
  const write = db.prepare('INSERT INTO unsorted VALUES (?, ?, ?, ?)');
  let keys = 0;
  for (let rows = allRows<Row>(page, 0); rows.length > 0; rows = allRows<Row>(page, rows.at(-1)![0]))
    for (const [id, passed, first, text, sender, recipient] of rows) {
      const origins = parseOrigins(text);
      if (origins.length === 0) continue;
      for (const key of keysOf({ origins, sender, recipient })) write.run(key, id, passed, first);
      keys += origins.length;
    }
  return keys;
}

/** The first byte of the first key of a slice. */
function boundary(slice: number, slices: number): Uint8Array {
  return Uint8Array.of(Math.floor((256 * slice) / slices));
}
