/** Owns the dry greylist: it judges as the live one would, and what it learns stays in memory. */

import { judge, type Entry, type Judgement, type Timings } from './judge.ts';
import { keysOf, type Key } from './key.ts';
import type { Reader } from './sqlite-reader.ts';
import type { Store } from './store.ts';
import { withOrigins, type Attempt, type Origin } from './triplet.ts';

/** A triplet, the live store's or one of our own; several keys may lead to one row. */
interface Row {
  readonly sender: string;
  readonly recipient: string;
  origins: readonly Origin[];
  entry: Entry;
}

/** Only what the attempts ask for is read from `live`, each key once; null: nothing is known there. */
export class DryStore implements Pick<Store, 'judge'> {
  readonly #live: Pick<Reader, 'find'> | null;
  /** What is known by now; null: looked for, and nothing was found. */
  readonly #byKey = new Map<string, Row | null>();
  /** By the live store's id: two keys of one triplet must lead to one row here too. */
  readonly #adopted = new Map<number, Row>();

  constructor(live: Pick<Reader, 'find'> | null) {
    this.#live = live;
  }

  /** Rejects with StoreError if the live store can't be read. */
  async judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement> {
    const keys = keysOf(attempt);
    const seen = keys.map((key) => this.#rowOf(key));
    const { judgement, entry, continues } = judge(
      seen.map((row) => row?.entry),
      nowMs,
      timings,
    );
    const row = continues === null ? { ...attempt, origins: [], entry } : seen[continues]!;
    row.entry = entry;
    for (const key of keys) this.#byKey.set(nameOf(key), row);
    const { kept, forgotten } = withOrigins(row.origins, attempt.origins);
    row.origins = kept;
    if (forgotten.length > 0) this.#forget(row, forgotten);
    return judgement;
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

function nameOf(key: Key): string {
  return Buffer.from(key).toString('latin1');
}
