/** Owns the tables of what hosts and domains have earned, and of who may answer. All methods throw SQLite's error. */

import type { DatabaseSync } from 'node:sqlite';
import { answerKey, standingKey, type Key } from './key.ts';
import { allRows, getRow } from './sqlite-rows.ts';
import { isAllowed, type Standing } from './standing.ts';
import type { Answer, OpenAnswer } from './store.ts';
import { formatOrigins, parseSubjects, type Subject } from './triplet.ts';

export interface StandingPage {
  readonly standings: readonly Standing[];
  /** Where the next page begins; null: this is the last. */
  readonly next: Key | null;
}

export interface AnswerPage {
  readonly answers: readonly OpenAnswer[];
  readonly next: Key | null;
}

const ROWS_PER_PAGE = 500;

export type Row = [
  subject: string,
  count: number,
  counted: number,
  granted: number,
  allowed: number,
  expires: number,
];

export class StandingTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db);
  }

  find(key: Key): Standing | undefined {
    const row = getRow<Row>(this.#statements.find, key);
    return row === undefined ? undefined : standingOf(row);
  }

  keep(standing: Standing): void {
    const { count, countedMs, granted, allowed, expiresMs } = standing;
    this.#statements.keep.run(
      standingKey(standing),
      formatOrigins([standing]),
      count,
      countedMs / 1000,
      granted ? 1 : 0,
      allowed ? 1 : 0,
      expiresMs / 1000,
    );
  }

  /** Only what was earned. Whether he was not delayed. */
  revoke(subject: Subject, nowMs: number): boolean {
    const key = standingKey(subject);
    const standing = this.find(key);
    if (standing?.granted !== false) return false;
    this.#statements.revoke.run(key);
    return isAllowed(standing, nowMs);
  }

  hasEarned(subject: Subject): boolean {
    return this.find(standingKey(subject))?.granted === false;
  }

  withdraw(subject: Subject): boolean {
    return Number(this.#statements.withdraw.run(standingKey(subject)).changes) > 0;
  }

  answerableUntilMs(key: Key): number | undefined {
    const row = getRow<[expires: number]>(this.#statements.answer, key);
    return row === undefined ? undefined : row[0] * 1000;
  }

  learn(answer: Answer, untilMs: number): void {
    this.#statements.learn.run(
      answerKey(answer),
      answer.sender,
      answer.recipient,
      Math.floor(untilMs / 1000),
    );
  }

  unlearn(answer: Answer): void {
    this.#statements.unlearn.run(answerKey(answer));
  }

  /** Behind `after`; null: from the beginning. */
  page(after: Key | null, nowMs: number): StandingPage {
    const rows = allRows<[...Row, key: Key]>(this.#statements.page, after ?? new Uint8Array(), ROWS_PER_PAGE);
    return {
      standings: rows
        .map(([subject, count, counted, granted, allowed, expires]) =>
          standingOf([subject, count, counted, granted, allowed, expires]),
        )
        .filter(({ expiresMs }) => expiresMs >= nowMs),
      next: rows.length < ROWS_PER_PAGE ? null : rows.at(-1)![6],
    };
  }

  answerPage(after: Key | null, nowMs: number): AnswerPage {
    type AnswerRow = [sender: string, recipient: string, expires: number, key: Key];
    const rows = allRows<AnswerRow>(this.#statements.answers, after ?? new Uint8Array(), ROWS_PER_PAGE);
    return {
      answers: rows
        .map(([sender, recipient, expires]) => ({ sender, recipient, untilMs: expires * 1000 }))
        .filter(({ untilMs }) => untilMs >= nowMs),
      next: rows.length < ROWS_PER_PAGE ? null : rows.at(-1)![3],
    };
  }
}

export function standingOf([subject, count, counted, granted, allowed, expires]: Row): Standing {
  const { kind, value } = parseSubjects(subject)[0] ?? { kind: 'address', value: '' };
  return {
    kind,
    value,
    count,
    countedMs: counted * 1000,
    granted: granted === 1,
    allowed: allowed === 1,
    expiresMs: expires * 1000,
  };
}

/** In the order of `Row`. */
export const COLUMNS = 'subject, count, counted, granted, allowed, expires';

function prepare(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT ${COLUMNS} FROM standing WHERE key = ?`),
    keep: db.prepare(`INSERT OR REPLACE INTO standing (key, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    revoke: db.prepare('DELETE FROM standing WHERE key = ? AND granted = 0'),
    withdraw: db.prepare('DELETE FROM standing WHERE key = ?'),
    answer: db.prepare('SELECT expires FROM answer WHERE key = ?'),
    learn: db.prepare(
      `INSERT INTO answer (key, sender, recipient, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET expires = max(expires, excluded.expires)`,
    ),
    unlearn: db.prepare('DELETE FROM answer WHERE key = ?'),
    page: db.prepare(`SELECT ${COLUMNS}, key FROM standing WHERE key > ? ORDER BY key LIMIT ?`),
    answers: db.prepare(
      'SELECT sender, recipient, expires, key FROM answer WHERE key > ? ORDER BY key LIMIT ?',
    ),
  };
}
