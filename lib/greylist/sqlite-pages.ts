/**
 * Owns reading the SQLite tables from outside the service: page by page, so that a long listing neither blocks nor pins
 * anything, and one triplet by its key.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Entry } from './judge.ts';
import type { Key } from './key.ts';
import { stateOf, type ListedTriplet, type Stats } from './listing.ts';
import { pagesFrom } from './page-walk.ts';
import { allRows, BY_KEY, ENTRY_COLUMNS, entryOf, getRow, type EntryRow } from './sqlite-rows.ts';
import { parseOrigins, type Attempt } from './triplet.ts';

/** A triplet with where it lies. */
export interface PageRow extends ListedTriplet {
  readonly id: number;
}

export interface Page {
  readonly triplets: readonly PageRow[];
  /** Where the next page begins; null: this is the last. */
  readonly next: number | null;
}

/** The counts of one slice of the table. */
export interface Tally extends Omit<Stats, 'triplets' | 'bytes'> {
  readonly next: number | null;
}

/** A triplet as it lies in the table. */
export interface Stored extends Attempt {
  readonly id: number;
  readonly entry: Entry;
}

const ROWS_PER_PAGE = 500;
const ROWS_PER_TALLY = 5000;

type TripletRow = [...EntryRow, id: number, origins: string, sender: string, recipient: string];

export class Pages {
  readonly #page;
  readonly #tally;
  readonly #byKey;

  /** The database must give rows as arrays. */
  constructor(db: DatabaseSync) {
    this.#page = db.prepare(
      `SELECT ${ENTRY_COLUMNS}, id, origins, sender, recipient
       FROM triplet WHERE id > ? ORDER BY id LIMIT ${ROWS_PER_PAGE}`,
    );
    this.#byKey = db.prepare(`SELECT ${ENTRY_COLUMNS}, t.id, origins, sender, recipient ${BY_KEY}`);
    this.#tally = db.prepare(
      `SELECT count(*), ifnull(max(id), 0), min(first), max(first), ifnull(sum(expires < ?2), 0),
         ifnull(sum(expires >= ?2 AND state % 2), 0)
       FROM (SELECT id, first, expires, state FROM triplet WHERE id > ?1 ORDER BY id LIMIT ${ROWS_PER_TALLY})`,
    );
  }

  /** The triplets behind `after`; 0: from the beginning. Throws SQLite's error. */
  page(after: number, nowMs: number): Page {
    const rows = allRows<TripletRow>(this.#page, after);
    return {
      triplets: rows.map((row) => listed(row, nowMs)),
      next: rows.length < ROWS_PER_PAGE ? null : rows.at(-1)![5],
    };
  }

  /** Throws SQLite's error. */
  find(key: Key): Stored | undefined {
    const row = getRow<TripletRow>(this.#byKey, key);
    if (row === undefined) return undefined;
    const [first, last, expires, state, delayed, id, origins, sender, recipient] = row;
    return {
      id,
      entry: entryOf([first, last, expires, state, delayed]),
      origins: parseOrigins(origins),
      sender,
      recipient,
    };
  }

  /** Throws SQLite's error. */
  tally(after: number, nowMs: number): Tally {
    const row = getRow<TallyRow>(this.#tally, after, nowMs / 1000)!;
    const [count, end, oldestMs, newestMs, expired, passed] = row;
    const waiting = count - expired - passed;
    return { waiting, passed, expired, oldestMs, newestMs, next: count < ROWS_PER_TALLY ? null : end };
  }
}

type TallyRow = [
  count: number,
  end: number,
  oldestMs: number | null,
  newestMs: number | null,
  expired: number,
  passed: number,
];

/** What is shown of it. */
export function withoutId(row: PageRow): ListedTriplet {
  const { id: _, ...shown } = row;
  return shown;
}

/** The sum of all tallies, each from where the one before ended. */
export async function sumTallies(
  tally: (after: number) => Tally | Promise<Tally>,
): Promise<Omit<Stats, 'bytes'>> {
  const sum = { triplets: 0, waiting: 0, passed: 0, expired: 0, oldestMs: null, newestMs: null } as {
    -readonly [K in keyof Omit<Stats, 'bytes'>]: Stats[K];
  };
  for await (const part of pagesFrom<number, Tally>(0, tally)) {
    sum.waiting += part.waiting;
    sum.passed += part.passed;
    sum.expired += part.expired;
    sum.oldestMs = part.oldestMs === null ? sum.oldestMs : Math.min(sum.oldestMs ?? Infinity, part.oldestMs);
    sum.newestMs = part.newestMs === null ? sum.newestMs : Math.max(sum.newestMs ?? -Infinity, part.newestMs);
  }
  sum.triplets = sum.waiting + sum.passed + sum.expired;
  return sum;
}

function listed(row: TripletRow, nowMs: number): PageRow {
  const [first, last, expires, state, delayed, id, origins, sender, recipient] = row;
  const entry = entryOf([first, last, expires, state, delayed]);
  return { ...entry, id, origins: parseOrigins(origins), sender, recipient, state: stateOf(entry, nowMs) };
}
