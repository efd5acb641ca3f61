/** Owns the store in memory: the contract without a disk, for tests and for sites that can forget on a restart. */

import { keysOf } from './key.ts';
import {
  compileFilter,
  countStates,
  stateOf,
  type ListedTriplet,
  type ListFilter,
  type Stats,
} from './listing.ts';
import { judge, type Entry, type Judgement, type Timings } from './judge.ts';
import { StoreError, type ExpirySlice, type Store } from './store.ts';
import { withOrigins, type Attempt, type Origin } from './triplet.ts';

export interface MemoryOptions {
  /** When there are more, the longest remembered go; about 0.5 KB each. */
  readonly mostTriplets?: number;
}

/** A triplet; several keys may lead to one row. */
interface Row {
  readonly id: number;
  readonly sender: string;
  readonly recipient: string;
  origins: readonly Origin[];
  entry: Entry;
}

const ROWS_PER_SLICE = 2000;

export function openMemoryStore({ mostTriplets = 500_000 }: MemoryOptions = {}): Store {
  return new MemoryStore(mostTriplets);
}

class MemoryStore implements Store {
  readonly #mostTriplets: number;
  readonly #rows = new Map<number, Row>();
  readonly #byKey = new Map<string, Row>();
  #lastId = 0;
  #sweptTo = 0;
  #closed = false;

  constructor(mostTriplets: number) {
    this.#mostTriplets = mostTriplets;
  }

  async judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement> {
    this.#mustBeOpen();
    const keys = hexKeys(attempt);
    const seen = keys.map((key) => this.#byKey.get(key));
    const { judgement, entry, continues } = judge(
      seen.map((row) => row?.entry),
      nowMs,
      timings,
    );
    const row = continues === null ? this.#add(attempt, entry) : seen[continues]!;
    row.entry = entry;
    if (seen.some((other) => other !== row)) this.#link(row, keys, attempt.origins);
    return judgement;
  }

  async *list(filter: ListFilter, nowMs: number): AsyncGenerator<ListedTriplet> {
    this.#mustBeOpen();
    const matches = compileFilter(filter);
    for (const { entry, origins, sender, recipient } of this.#rows.values()) {
      const listed = { ...entry, origins, sender, recipient, state: stateOf(entry, nowMs) };
      if (matches(listed)) yield listed;
    }
  }

  async stats(nowMs: number): Promise<Stats> {
    this.#mustBeOpen();
    return {
      ...countStates(
        this.#rows.values().map((row) => row.entry),
        nowMs,
      ),
      bytes: null,
    };
  }

  async expire(nowMs: number): Promise<ExpirySlice> {
    this.#mustBeOpen();
    let removed = 0;
    const end = this.#sweptTo + ROWS_PER_SLICE;
    for (let id = this.#sweptTo + 1; id <= Math.min(end, this.#lastId); id++) {
      const row = this.#rows.get(id);
      if (row === undefined || row.entry.expiresMs >= nowMs) continue;
      this.#remove(row);
      removed++;
    }
    const done = end >= this.#lastId;
    this.#sweptTo = done ? 0 : end;
    return { removed, done };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #add({ origins, sender, recipient }: Attempt, entry: Entry): Row {
    const row: Row = { id: ++this.#lastId, origins, sender, recipient, entry };
    this.#rows.set(row.id, row);
    if (this.#rows.size > this.#mostTriplets) this.#remove(this.#rows.values().next().value!);
    return row;
  }

  #link(row: Row, keys: readonly string[], added: readonly Origin[]): void {
    for (const key of keys) this.#byKey.set(key, row);
    const { kept, forgotten } = withOrigins(row.origins, added);
    row.origins = kept;
    if (forgotten.length > 0) this.#unlink(row, forgotten);
  }

  #remove(row: Row): void {
    this.#unlink(row, row.origins);
    this.#rows.delete(row.id);
  }

  /** Only keys that still lead here: one of them may have gone over to an earlier triplet. */
  #unlink(row: Row, origins: readonly Origin[]): void {
    for (const key of hexKeys({ ...row, origins })) {
      if (this.#byKey.get(key) === row) this.#byKey.delete(key);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the greylist is closed');
  }
}

function hexKeys(attempt: Attempt): string[] {
  return keysOf(attempt).map((key) => Buffer.from(key).toString('latin1'));
}
