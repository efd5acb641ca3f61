/** Owns judging against the SQLite tables: many attempts in one transaction, and what may be written later. */

import type { DatabaseSync } from 'node:sqlite';
import { judge, type Entry, type Judgement, type Timings } from './judge.ts';
import { keyOf, keysOf, type Key } from './key.ts';
import { damaged, sqliteFailure, type SqliteFailure } from './sqlite-failure.ts';
import { BY_KEY, entryOf, ENTRY_COLUMNS, getRow, rowOf, type EntryRow } from './sqlite-rows.ts';
import { formatOrigins, parseOrigins, withOrigins, type Attempt, type Origin } from './triplet.ts';

/** An attempt on its way to the tables. */
export interface Asked extends Attempt {
  readonly nowMs: number;
  readonly timings: Timings;
}

export interface Judged {
  /** In the order asked; a failure for those that would have had to be written and could not. */
  readonly answers: readonly (Judgement | SqliteFailure)[];
  /** Did something reach the disk? */
  readonly written: boolean;
}

/** A triplet of the table. */
interface Row {
  readonly id: number;
  readonly entry: Entry;
}

/** Later uses that wait to be written, at most; then the newest are not remembered. */
const MOST_PENDING = 20_000;

export class TripletTable {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  /** Entries newer than the file's, of rows that are in it: a use or a try that no reply depends on. */
  readonly #pending = new Map<number, Entry>();
  /** The same of the transaction under way; null: the file has the newest. */
  readonly #touched = new Map<number, Entry | null>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = prepare(db);
  }

  get pending(): number {
    return this.#pending.size;
  }

  isPending(id: number): boolean {
    return this.#pending.has(id);
  }

  /** All of one transaction. Throws SQLite's error if the tables can't even be read. */
  judge(asked: readonly Asked[]): Judged {
    try {
      return this.#judgeWith('BEGIN', asked);
    } catch (error) {
      let failure = mustBeFailure(error);
      if (failure.cause === 'busy') {
        // Another program wrote between our first read and first write: waiting for its lock first may help.
        try {
          return this.#judgeWith('BEGIN IMMEDIATE', asked);
        } catch (second) {
          failure = mustBeFailure(second);
        }
      }
      // Known correspondents need no write, so that a full disk does not stop them.
      return this.#judgeWith('BEGIN', asked, failure);
    }
  }

  /** Writes up to `most` of what is pending. Throws SQLite's error and keeps them pending. */
  flush(most: number): void {
    const entries = [...this.#pending.entries().take(most)];
    if (entries.length === 0) return;
    this.#transaction('BEGIN IMMEDIATE', () => {
      for (const [id, entry] of entries) this.#write(id, entry);
    });
    for (const [id] of entries) this.#pending.delete(id);
  }

  /** Removes triplets and their keys. Throws SQLite's error. */
  remove(ids: readonly number[]): void {
    this.#transaction('BEGIN IMMEDIATE', () => {
      for (const id of ids) {
        const { origins, sender, recipient } = this.#textsOf(id);
        this.#unlink(id, origins, sender, recipient);
        this.#statements.remove.run(id);
      }
    });
  }

  #judgeWith(begin: string, asked: readonly Asked[], unwritable?: SqliteFailure): Judged {
    this.#touched.clear();
    let written = false;
    const answers = this.#transaction(begin, () =>
      asked.map((one) => {
        const [judgement, wrote] = this.#judgeOne(one, unwritable !== undefined);
        written ||= wrote;
        return judgement ?? unwritable!;
      }),
    );
    for (const [id, entry] of this.#touched) {
      if (entry === null) this.#pending.delete(id);
      else if (this.#pending.size < MOST_PENDING || this.#pending.has(id)) this.#pending.set(id, entry);
    }
    return { answers, written };
  }

  /** The judgement and whether it was written; null: it would have to be, but `readOnly`. */
  #judgeOne(attempt: Asked, readOnly: boolean): [Judgement | null, boolean] {
    const keys = keysOf(attempt);
    const rows = keys.map((key) => this.#rowOf(key));
    const { judgement, entry, continues } = judge(
      rows.map((row) => row?.entry),
      attempt.nowMs,
      attempt.timings,
    );
    const id = continues === null ? null : rows[continues]!.id;
    const linked = rows.every((row) => row !== undefined && row.id === id);
    if (linked && judgement.outcome !== 'passed') {
      this.#touched.set(id!, entry);
      return [judgement, false];
    }
    if (readOnly) return [null, false];
    if (id === null) this.#add(attempt, keys, entry);
    else {
      this.#write(id, entry);
      this.#touched.set(id, null);
      if (!linked) this.#link(id, attempt, keys);
    }
    return [judgement, true];
  }

  #rowOf(key: Key): Row | undefined {
    const found = getRow<[...EntryRow, id: number]>(this.#statements.find, key);
    if (found === undefined) return undefined;
    const id = found[4];
    const newer = this.#touched.has(id) ? this.#touched.get(id) : this.#pending.get(id);
    return { id, entry: newer ?? entryOf([found[0], found[1], found[2], found[3]]) };
  }

  #add({ origins, sender, recipient }: Attempt, keys: readonly Key[], entry: Entry): void {
    const { kept, forgotten } = withOrigins([], origins);
    const text = formatOrigins(kept);
    const { lastInsertRowid } = this.#statements.add.run(...rowOf(entry), text, sender, recipient);
    const id = Number(lastInsertRowid);
    for (const key of keys) this.#statements.link.run(key, id);
    this.#unlink(id, forgotten, sender, recipient);
  }

  #link(id: number, { origins }: Attempt, keys: readonly Key[]): void {
    for (const key of keys) this.#statements.link.run(key, id);
    const { origins: older, sender, recipient } = this.#textsOf(id);
    const { kept, forgotten } = withOrigins(older, origins);
    this.#statements.origins.run(formatOrigins(kept), id);
    this.#unlink(id, forgotten, sender, recipient);
  }

  #textsOf(id: number): Attempt {
    const row = getRow<[string, string, string]>(this.#statements.texts, id);
    if (row === undefined) throw damaged(`triplet ${id} is missing`);
    const [text, sender, recipient] = row;
    return { origins: parseOrigins(text), sender, recipient };
  }

  /** Only keys that still lead here: one of them may have gone over to an earlier triplet. */
  #unlink(id: number, origins: readonly Origin[], sender: string, recipient: string): void {
    for (const origin of origins) this.#statements.unlink.run(keyOf(origin, sender, recipient), id);
  }

  #write(id: number, entry: Entry): void {
    this.#statements.write.run(...rowOf(entry), id);
  }

  /** Explicitly begun and committed: libraries.md §2.3 has what autocommit does to errors and to the log. */
  #transaction<T>(begin: string, run: () => T): T {
    this.#db.exec(begin);
    try {
      const result = run();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function prepare(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT ${ENTRY_COLUMNS}, t.id ${BY_KEY}`),
    texts: db.prepare('SELECT origins, sender, recipient FROM triplet WHERE id = ?'),
    add: db.prepare(
      `INSERT INTO triplet (${ENTRY_COLUMNS}, origins, sender, recipient) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    write: db.prepare('UPDATE triplet SET first = ?, last = ?, expires = ?, state = ? WHERE id = ?'),
    link: db.prepare('INSERT INTO key VALUES (?, ?) ON CONFLICT DO UPDATE SET triplet = excluded.triplet'),
    origins: db.prepare('UPDATE triplet SET origins = ? WHERE id = ?'),
    unlink: db.prepare('DELETE FROM key WHERE key = ? AND triplet = ?'),
    remove: db.prepare('DELETE FROM triplet WHERE id = ?'),
  };
}

/** A damaged file and a bug go further up; anything else is a failure to answer with. */
function mustBeFailure(error: unknown): SqliteFailure {
  const failure = sqliteFailure(error);
  if (failure === null || failure.cause === 'corrupt') throw error;
  return failure;
}
