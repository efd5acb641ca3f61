/** Owns judging against the SQLite tables: many attempts in one transaction, and what may be written later. */

import type { DatabaseSync } from 'node:sqlite';
import { adopting, type Adoption, type AdoptionCounts, type AdoptionOutcome } from './adopt.ts';
import { releasedEntry, usedSince, type Entry, type Judgement, type Timings } from './judge.ts';
import { keysOf, pairKey, type Key } from './key.ts';
import { countedAs, type Counted, type Counts } from './counts.ts';
import type { Use } from './known-memory.ts';
import { CountTable } from './sqlite-counts.ts';
import { damaged, sqliteFailure, type SqliteFailure } from './sqlite-failure.ts';
import { entryOf, getRow, rowOf, type EntryRow } from './sqlite-rows.ts';
import { StandingTable } from './sqlite-standings.ts';
import { prepareTriplets } from './sqlite-statements.ts';
import { formatOrigins, parseOrigins, withOrigins, type Attempt, type Origin } from './triplet.ts';
import { weigh, type Ledger, type TripletWrite } from './weigh.ts';

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
  /** Some triplet can't be found by one of its origins any more. */
  readonly forgot: boolean;
}

/** Later uses that wait to be written, at most; then the newest are not remembered. */
const MOST_PENDING = 20_000;

export class TripletTable {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareTriplets>;
  /** Entries newer than the file's, of rows that are in it: a use or a try that no reply depends on. */
  readonly #pending = new Map<number, Entry>();
  /** The same of the transaction under way; null: the file has the newest. */
  readonly #touched = new Map<number, Entry | null>();
  #forgot = false;
  readonly standings: StandingTable;
  readonly counts: CountTable;
  readonly #ledger: Ledger<number>;

  /** `waiting`: see CountTable. */
  constructor(db: DatabaseSync, waiting?: Counts) {
    this.#db = db;
    this.#statements = prepareTriplets(db);
    this.standings = new StandingTable(db);
    this.counts = new CountTable(db, waiting);
    this.#ledger = {
      triplet: (key) => this.#rowOf(key),
      standing: (key) => this.standings.find(key),
      answerableUntilMs: (key) => this.standings.answerableUntilMs(key),
    };
  }

  get isPending(): boolean {
    return this.#pending.size > 0 || this.counts.waiting;
  }

  isUsed(id: number): boolean {
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

  /** Of known triplets, to be written later. Returns the index of those that are to be judged again. Throws SQLite's error. */
  used(uses: readonly Use[]): readonly number[] {
    this.#touched.clear();
    return uses.flatMap((use, i) => (this.#useOne(use) ? [] : [i]));
  }

  #useOne(use: Use): boolean {
    const seen = keysOf(use).map((key) => this.#rowOf(key));
    const ruling = usedSince(
      seen.map((each) => each?.entry),
      use,
    );
    if (ruling === null) return false;
    const { row } = seen[ruling.continues!]!;
    this.#waits(row, ruling.entry);
    for (const what of countedAs(ruling.judgement, use)) this.counts.add(what, use.lastMs, use.times);
    // Else the next judgement leads them there.
    return seen.every((each) => each?.row === row);
  }

  #waits(id: number, entry: Entry): void {
    if (this.#pending.size < MOST_PENDING || this.#pending.has(id)) this.#pending.set(id, entry);
  }

  /** Writes up to `most` of what is pending. Throws SQLite's error and keeps them pending. */
  flush(most: number): void {
    if (!this.isPending) return;
    const entries = [...this.#pending.entries().take(most)];
    this.write(() => {
      for (const [id, entry] of entries) this.#write(id, entry);
    });
    for (const [id] of entries) this.#pending.delete(id);
  }

  /** One transaction, with the counts that wait. Throws SQLite's error. */
  write<T>(run: () => T): T {
    const result = this.#transaction('BEGIN IMMEDIATE', () => {
      const done = run();
      this.counts.write();
      return done;
    });
    this.counts.written();
    return result;
  }

  /** With its keys, in a transaction of the caller. Throws SQLite's error. */
  remove(id: number): void {
    const texts = this.#textsOf(id);
    this.#unlink(id, texts.origins, texts.sender, texts.recipient);
    this.#statements.unlink.run(pairKey(texts), id);
    this.#statements.remove.run(id);
  }

  /** As `remove`, whatever is pending of them, all in one transaction. Throws SQLite's error. */
  forget(ids: readonly number[]): void {
    this.write(() => ids.forEach((id) => this.remove(id)));
    for (const id of ids) this.#pending.delete(id);
  }

  /**
   * Of those that still wait, all in one transaction; each becomes the one that its sender and recipient are found by.
   * Returns which these are. Throws SQLite's error.
   */
  release(ids: readonly number[], nowMs: number, lifetimeMs: number): readonly number[] {
    const released = this.write(() => {
      const those = ids.filter((id) => this.#releaseOne(id, nowMs, lifetimeMs));
      if (those.length > 0) this.counts.addNow('released', nowMs, those.length);
      return those;
    });
    for (const id of released) this.#pending.delete(id);
    return released;
  }

  #releaseOne(id: number, nowMs: number, lifetimeMs: number): boolean {
    const entry = this.#pending.get(id) ?? entryOf(getRow<EntryRow>(this.#statements.entry, id)!);
    if (entry.passed || entry.expiresMs < nowMs) return false;
    this.#write(id, releasedEntry(entry, nowMs, lifetimeMs));
    this.#statements.link.run(pairKey(this.#textsOf(id)), id);
    return true;
  }

  /** All in one transaction. Throws SQLite's error. */
  adopt(adoptions: readonly Adoption[], nowMs: number, timings: Timings): AdoptionCounts {
    this.#touched.clear();
    const counts = this.write(() => {
      const made = { adopted: 0, there: 0, stale: 0 };
      for (const adoption of adoptions) made[this.#adoptOne(adoption, nowMs, timings)]++;
      return made;
    });
    for (const id of this.#touched.keys()) this.#pending.delete(id);
    return counts;
  }

  #adoptOne(adoption: Adoption, nowMs: number, timings: Timings): AdoptionOutcome {
    const { outcome, triplet, standing } = adopting(this.#ledger, adoption, nowMs, timings);
    if (triplet !== null && adoption.kind === 'triplet') this.#keep(triplet, adoption);
    if (standing !== null) this.standings.keep(standing);
    return outcome;
  }

  #judgeWith(begin: string, asked: readonly Asked[], unwritable?: SqliteFailure): Judged {
    this.#touched.clear();
    this.#forgot = false;
    let written = false;
    const judged: (readonly [what: Counted, atMs: number])[] = [];
    const answers = this.#transaction(begin, () =>
      asked.map((one) => {
        const [judgement, wrote] = this.#judgeOne(one, unwritable !== undefined);
        written ||= wrote;
        if (judgement !== null) for (const what of countedAs(judgement, one)) judged.push([what, one.nowMs]);
        return judgement ?? unwritable!;
      }),
    );
    for (const [what, atMs] of judged) this.counts.add(what, atMs);
    for (const [id, entry] of this.#touched) {
      if (entry === null) this.#pending.delete(id);
      else this.#waits(id, entry);
    }
    return { answers, written, forgot: this.#forgot };
  }

  /** The judgement and whether it was written; null: it would have to be, but `readOnly`. */
  #judgeOne(attempt: Asked, readOnly: boolean): [Judgement | null, boolean] {
    const weighed = weigh(this.#ledger, attempt, attempt.nowMs, attempt.timings);
    const { judgement, triplet, head, standings } = weighed;
    const isLate = judgement.outcome === 'passed' || judgement.outcome === 'capped';
    const mayWait = triplet === null || (triplet.linked && !isLate && triplet.leads === null);
    if (mayWait) {
      if (triplet !== null) this.#touched.set(triplet.row!, triplet.entry);
    } else if (readOnly) return [null, false];
    else this.#keep(triplet, attempt);
    if (head !== null) this.#touched.set(head.row, head.entry);
    // What was earned before a disk was full is not lost by it.
    if (!readOnly) for (const standing of standings) this.standings.keep(standing);
    return [judgement, !mayWait || (standings.length > 0 && !readOnly)];
  }

  #rowOf(key: Key): { readonly row: number; readonly entry: Entry } | undefined {
    const found = getRow<[...EntryRow, id: number]>(this.#statements.find, key);
    if (found === undefined) return undefined;
    const [first, last, expires, state, delayed, row] = found;
    const newer = this.#touched.has(row) ? this.#touched.get(row) : this.#pending.get(row);
    return { row, entry: newer ?? entryOf([first, last, expires, state, delayed]) };
  }

  #keep({ entry, row, keys, linked, leads }: TripletWrite<number>, attempt: Attempt): void {
    const id = row ?? this.#add(attempt, keys, entry);
    if (row !== null) {
      this.#write(row, entry);
      this.#touched.set(row, null);
      if (!linked) this.#link(row, attempt, keys);
    }
    if (leads !== null) this.#statements.link.run(leads, id);
  }

  #add({ origins, sender, recipient }: Attempt, keys: readonly Key[], entry: Entry): number {
    const { kept, forgotten } = withOrigins([], origins);
    const text = formatOrigins(kept);
    const { lastInsertRowid } = this.#statements.add.run(...rowOf(entry), text, sender, recipient);
    const id = Number(lastInsertRowid);
    for (const key of keys) this.#statements.link.run(key, id);
    this.#unlink(id, forgotten, sender, recipient);
    return id;
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
    if (origins.length === 0) return;
    this.#forgot = true;
    for (const key of keysOf({ origins, sender, recipient })) this.#statements.unlink.run(key, id);
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

/** A damaged file and a bug go further up; anything else is a failure to answer with. */
function mustBeFailure(error: unknown): SqliteFailure {
  const failure = sqliteFailure(error);
  if (failure === null || failure.cause === 'corrupt') throw error;
  return failure;
}
