/** Owns the table of counts, and those that wait to be written there. */

import type { DatabaseSync } from 'node:sqlite';
import { byDay, Counts, dayOf, MOST_DAYS, type Counted, type DayCounts } from './counts.ts';
import { allRows } from './sqlite-rows.ts';

/** A figure whose bytes have turned must not take the triplets along. */
const MOST = 2 ** 52;

export class CountTable {
  readonly #waiting: Counts;
  readonly #add;
  readonly #forget;
  readonly #all;

  /** `waiting`: those of a file that had to be closed, to be written here. */
  constructor(db: DatabaseSync, waiting = new Counts()) {
    this.#waiting = waiting;
    this.#add = db.prepare(
      `INSERT INTO day VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET times = min(times, ${MOST}) + excluded.times`,
    );
    this.#forget = db.prepare('DELETE FROM day WHERE day < ?');
    this.#all = db.prepare(`SELECT day, what, min(times, ${MOST}) FROM day WHERE day BETWEEN 0 AND ${MOST}`);
  }

  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  add(what: Counted, nowMs: number, times = 1): void {
    this.#waiting.add(what, nowMs, times);
  }

  /** In a transaction of the caller: whoever has just typed something looks for it at once. Throws SQLite's error. */
  addNow(what: Counted, nowMs: number, times: number): void {
    this.#add.run(dayOf(nowMs), what, times);
  }

  /** In a transaction of the caller, who says when it is on disk. Throws SQLite's error. */
  write(): void {
    for (const row of this.#waiting.entries()) this.#add.run(...row);
  }

  written(): void {
    this.#waiting.clear();
  }

  /** Of days that nobody asks for any more, in a transaction of the caller. Throws SQLite's error. */
  expire(nowMs: number): void {
    this.#forget.run(dayOf(nowMs) - MOST_DAYS);
  }

  /** Throws SQLite's error. */
  all(): DayCounts[] {
    return byDay([...allRows<CountRow>(this.#all), ...this.#waiting.entries()]);
  }
}

type CountRow = [day: number, what: string, times: number];
