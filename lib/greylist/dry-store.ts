/** Owns the dry greylist: it judges as the live one would, and what it learns stays in memory. */

import type { Entry, Judgement, Timings } from './judge.ts';
import { keysOf, nameOf, standingKey, type Key } from './key.ts';
import type { Reader } from './sqlite-reader.ts';
import type { Standing } from './standing.ts';
import type { Store } from './store.ts';
import { withOrigins, type Attempt, type Origin } from './triplet.ts';
import { weigh, type Ledger, type TripletWrite } from './weigh.ts';

/** What is read of the live store. */
export type Live = Pick<Reader, 'find' | 'standing' | 'answerableUntilMs'>;

/** A triplet, the live store's or one of our own; several keys may lead to one row. */
interface Row {
  readonly sender: string;
  readonly recipient: string;
  origins: readonly Origin[];
  entry: Entry;
}

/** Only what the attempts ask for is read from `live`, each key once; null: nothing is known there. */
export class DryStore implements Pick<Store, 'judge'> {
  readonly #live: Live | null;
  /** What is known by now; null: looked for, and nothing was found. */
  readonly #byKey = new Map<string, Row | null>();
  /** By the live store's id: two keys of one triplet must lead to one row here too. */
  readonly #adopted = new Map<number, Row>();

  readonly #standings = new Map<string, Standing>();
  readonly #ledger: Ledger<Row> = {
    triplet: (key) => {
      const row = this.#rowOf(key);
      return row === undefined ? undefined : { row, entry: row.entry };
    },
    standing: (key) => this.#standings.get(nameOf(key)) ?? this.#live?.standing(key),
    answerableUntilMs: (key) => this.#live?.answerableUntilMs(key),
  };

  constructor(live: Live | null) {
    this.#live = live;
  }

  /** Rejects with StoreError if the live store can't be read. */
  async judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement> {
    const { judgement, triplet, head, standings } = weigh(this.#ledger, attempt, nowMs, timings);
    if (triplet !== null) this.#keep(triplet, attempt);
    if (head !== null) head.row.entry = head.entry;
    for (const standing of standings) this.#standings.set(nameOf(standingKey(standing)), standing);
    return judgement;
  }

  #keep({ entry, row: own, keys, leads }: TripletWrite<Row>, attempt: Attempt): void {
    const row = own ?? { ...attempt, origins: [], entry };
    row.entry = entry;
    for (const key of leads === null ? keys : [...keys, leads]) this.#byKey.set(nameOf(key), row);
    const { kept, forgotten } = withOrigins(row.origins, attempt.origins);
    row.origins = kept;
    if (forgotten.length > 0) this.#forget(row, forgotten);
  }

  #rowOf(key: Key): Row | undefined {
    const name = nameOf(key);
    let row = this.#byKey.get(name);
    if (row === undefined) {
      row = this.#adopt(key);
      this.#byKey.set(name, row);
    }
    return row ?? undefined;
  }

  #adopt(key: Key): Row | null {
    const stored = this.#live?.find(key);
    if (stored === undefined) return null;
    const { id, entry, origins, sender, recipient } = stored;
    const row = this.#adopted.get(id) ?? { entry, origins, sender, recipient };
    this.#adopted.set(id, row);
    return row;
  }

  /** Only keys that still lead here: one of them may have gone over to an earlier triplet. */
  #forget(row: Row, origins: readonly Origin[]): void {
    for (const key of keysOf({ ...row, origins }))
      if (this.#rowOf(key) === row) this.#byKey.set(nameOf(key), null);
  }
}
