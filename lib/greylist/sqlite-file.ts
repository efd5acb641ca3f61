/** Owns the greylist file as a file: opening it, keeping others out, and setting a damaged one aside. */

import {
  closeSync,
  existsSync,
  fchownSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cure, isReadOnlyDisk, unusable } from './sqlite-cure.ts';
import { damaged, sqliteFailure } from './sqlite-failure.ts';
import { markUnsalvaged } from './sqlite-salvage.ts';
import { migrate } from './sqlite-schema.ts';
import { isText } from './sqlite-text.ts';
import { StoreError, type Failure, type StoreEvent } from './store.ts';

export interface FileOptions {
  readonly file: string;
  /** How long to wait for another program's lock; the thread sleeps. */
  readonly busyTimeoutMs: number;
  /** No larger than this, log not counted; null: as the disk allows. */
  readonly mostBytes: number | null;
}

const PAGE_BYTES = 4096;
/** Page cache: larger ones measured no faster, the operating system has the file in its own. */
const CACHE_KIB = 2048;
/**
 * A commit that finds so many in the log takes them into the file. In one of ten million triplets they lie all over it:
 * a thousand took 30 ms, at the p99 of new ones, these 20; in a small one there is no difference.
 */
export const PAGES_OF_LOG = 500;

/** Held as long as its database is open. */
export interface Lock {
  readonly db: DatabaseSync;
  readonly file: string;
  readonly inode: number | null;
}

/**
 * Keeps a second Postern away: an empty database beside the file, locked as long as this process lives. The kernel
 * lets go of it whatever way the process ends. Throws StoreError.
 */
export function lockFile(path: string): Lock {
  try {
    const file = `${realPath(path)}-lock`;
    createPrivate(file, path);
    const db = new DatabaseSync(file, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { db, file, inode: inodeOf(file) };
  } catch (error) {
    if (sqliteFailure(error)?.cause === 'busy')
      throw new StoreError(
        'busy',
        `${path} is in use by another Postern (see: pgrep -a postern); stop it, or set store: to another path`,
      );
    throw unusable(path, error);
  }
}

/** Two names of one file must be one lock: SQLite follows links too, also one to a file that is still to be made. */
function realPath(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? resolve(dirname(file), readlinkSync(file)) : file;
}

/**
 * Opens or creates the file; a damaged one is set aside first. Takes as long with ten million rows as with none.
 * Throws StoreError: it is a text, another program's, a later version's, locked, or can't be written.
 */
export function openFile(
  options: FileOptions,
  nowMs: number,
  report: (event: StoreEvent) => void,
): DatabaseSync {
  const { file } = options;
  try {
    return opened(options, report);
  } catch (error) {
    const failure = sqliteFailure(error);
    if (failure?.cause !== 'corrupt') throw unusable(file, error);
    if (isText(file))
      throw new StoreError('foreign', `${file} is a text file and no database; set store: to another path`);
    setAside(file, nowMs, failure.why, report);
  }
  try {
    return opened(options, report);
  } catch (error) {
    throw unusable(file, error);
  }
}

function opened(
  { file, busyTimeoutMs, mostBytes }: FileOptions,
  report: (event: StoreEvent) => void,
): DatabaseSync {
  createPrivate(realPath(file));
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs, returnArrays: true });
  try {
    db.exec(
      `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`,
    );
    // Judged before the journal mode, which would already write into another program's file.
    const from = migrate(db, file, { begins: (old, to) => report({ kind: 'migrating', from: old, to }) });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec(`PRAGMA wal_autocheckpoint = ${PAGES_OF_LOG}`);
    db.exec(`PRAGMA journal_size_limit = ${16 << 20}`);
    if (mostBytes !== null) db.exec(`PRAGMA max_page_count = ${Math.ceil(mostBytes / PAGE_BYTES)}`);
    const to = Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0]);
    probe(db, to);
    if (from !== 0 && from !== to) report({ kind: 'migrated', from, to });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const TABLES = [
  'triplet ORDER BY id',
  'key ORDER BY key',
  'standing ORDER BY key',
  'answer ORDER BY key',
  'day ORDER BY day',
];

/** May we write? And reads both ends of every table: a cheap look that finds a truncated file. */
function probe(db: DatabaseSync, version: number): void {
  // To begin is not enough: of a file that may only be read SQLite makes a transaction that only reads.
  db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${version}; ROLLBACK`);
  for (const table of TABLES) {
    try {
      db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get();
      db.prepare(`SELECT 1 FROM ${table} DESC LIMIT 1`).get();
    } catch (error) {
      const failure = sqliteFailure(error);
      // Ours by its marks, but a table or column is not there: SQLITE_ERROR.
      if (failure !== null && failure.code === 1) throw damaged(failure.why);
      throw error;
    }
  }
}

/**
 * `postern.db` → `postern.db.corrupt-20261121T100000Z`, with its log. The file must be closed. Throws StoreError if
 * the directory does not let us.
 */
export function setAside(
  file: string,
  nowMs: number,
  why: string,
  report: (event: StoreEvent) => void,
): void {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let movedTo = `${file}.corrupt-${stamp}`;
  for (let n = 2; existsSync(movedTo); n++) movedTo = `${file}.corrupt-${stamp}-${n}`;
  markUnsalvaged(file, movedTo);
  try {
    // The log first: beside a new file, an old one would be played into it.
    for (const suffix of ['-wal', '-shm', ''])
      if (existsSync(file + suffix)) renameSync(file + suffix, movedTo + suffix);
  } catch (error) {
    const instead = cure(file, 'read-only');
    throw new StoreError(
      'corrupt',
      `${file} is damaged (${why}) and can't be renamed: ${String(error)}; ${instead}`,
    );
  }
  report({ kind: 'set-aside', file, movedTo, why });
}

/**
 * Who writes to whom is not everyone's business; the log files get the same mode from SQLite. One that is there is
 * not touched: to close any descriptor of it would drop this process' POSIX locks on it. `beside`: its owner gets this one
 * too, as from SQLite the logs do: a command that root types must leave nothing that the service may not open.
 */
function createPrivate(file: string, beside: string | null = null): void {
  if (existsSync(file)) return;
  const descriptor = openSync(file, 'ax', 0o640);
  const owner = beside === null ? undefined : statSync(beside, { throwIfNoEntry: false });
  if (owner !== undefined && process.getuid?.() === 0) fchownSync(descriptor, owner.uid, owner.gid);
  closeSync(descriptor);
}

/**
 * A disk that is full or has become read-only is an outage: it heals, and mail goes on meanwhile. Anything else that
 * keeps a file from being opened is a mistake that somebody has to mend.
 */
export function isOutage(file: string, cause: Failure): boolean {
  return cause === 'full' || isReadOnlyDisk(dirname(file));
}

/** 0: there is none. Null: we may not look. */
export function inodeOf(file: string): number | null {
  try {
    return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
  } catch {
    return null;
  }
}

/** Size on disk, log included. */
export function fileBytes(file: string): number {
  let bytes = 0;
  for (const suffix of ['', '-wal']) bytes += statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
