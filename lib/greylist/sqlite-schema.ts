/** Owns the tables of the greylist file, and the way from an older version of them to this one. */

import type { DatabaseSync } from 'node:sqlite';
import { rekey } from './sqlite-rekey.ts';
import { StoreError } from './store.ts';

/** `PRAGMA application_id` of our files: "Post". */
const APPLICATION_ID = 0x506f7374;

/**
 * Version n is what `MIGRATIONS[n - 1]` makes of version n - 1; 0 is an empty file. Never change one that was released.
 *
 * A triplet is one row, whatever number of keys lead to it, so its state can't differ between them. `first` is in ms,
 * `last` and `expires` are in seconds since the epoch, `state` is twice the tries, plus 1 once it has passed: so
 * a row keeps its length when it is used, and its page does not split. There is no index on the expiry: it
 * would cost a third of the insert rate; the walk in sqlite-sweep.ts needs none. `key.key` is one of keysOf's or pairKey's,
 * `origins` formatOrigins'. `delayed`: seconds that it was kept waiting before it passed; -1: it was
 * released and has not come since. `standing.subject` is
 * formatOrigins' of one, its times seconds; `day.day` counts from 1970 (UTC).
 */
export const MIGRATIONS: readonly (string | ((db: DatabaseSync) => void))[] = [
  `CREATE TABLE triplet (
     id INTEGER PRIMARY KEY,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     state INTEGER NOT NULL,
     origins TEXT NOT NULL,
     sender TEXT NOT NULL,
     recipient TEXT NOT NULL
   ) STRICT;
   CREATE TABLE key (key BLOB PRIMARY KEY, triplet INTEGER NOT NULL) WITHOUT ROWID, STRICT;`,
  // Rows that are there are not written anew, only looked at: 2 s with ten million of them, once. Nothing is worth an edit of
  // sqlite_schema by hand in the one database that an administrator has.
  `ALTER TABLE triplet ADD COLUMN delayed INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE standing (
     key BLOB PRIMARY KEY,
     subject TEXT NOT NULL,
     count INTEGER NOT NULL,
     counted INTEGER NOT NULL,
     granted INTEGER NOT NULL,
     allowed INTEGER NOT NULL,
     expires INTEGER NOT NULL
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE answer (
     key BLOB PRIMARY KEY,
     sender TEXT NOT NULL,
     recipient TEXT NOT NULL,
     expires INTEGER NOT NULL
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE day (
     day INTEGER NOT NULL,
     what TEXT NOT NULL,
     times INTEGER NOT NULL,
     PRIMARY KEY (day, what)
   ) WITHOUT ROWID, STRICT;`,
  (db) => rekey(db),
];

/**
 * Brings an open file to the newest version, all or nothing. Returns the version it had; 0: it was empty. `begins`: a file
 * with something in it is about to be changed.
 * Throws StoreError `newer` or `foreign` and leaves the file as it was; SQLite's own errors pass through.
 */
export function migrate(
  db: DatabaseSync,
  file: string,
  {
    migrations = MIGRATIONS,
    begins = () => {},
  }: { readonly migrations?: typeof MIGRATIONS; readonly begins?: (from: number, to: number) => void } = {},
): number {
  const version = pragma(db, 'user_version');
  const ours = pragma(db, 'application_id') === APPLICATION_ID;
  if (!ours && (version !== 0 || hasTables(db)))
    throw new StoreError('foreign', `${file} is a database of another program; set store: to another path`);
  if (version > migrations.length)
    throw new StoreError(
      'newer',
      `${file} was written by a later version of Postern (format ${version}, this one knows ${migrations.length}); ` +
        'install that version again, or set store: to another path',
    );
  if (version === migrations.length) return version;
  if (version > 0) begins(version, migrations.length);
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version))
      if (typeof step === 'string') db.exec(step);
      else step(db);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return version;
}

/** Refuses what `migrate` would have to change; for a reader. */
export function mustBeCurrent(db: DatabaseSync, file: string): void {
  const version = pragma(db, 'user_version');
  if (pragma(db, 'application_id') !== APPLICATION_ID && hasTables(db))
    throw new StoreError('foreign', `${file} is a database of another program`);
  if (version > MIGRATIONS.length)
    throw new StoreError('newer', `${file} was written by a later version of Postern`);
  if (version < MIGRATIONS.length)
    throw new StoreError(
      'io',
      `${file} is of an older version; start the service once to bring it up to date`,
    );
}

function pragma(db: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}
