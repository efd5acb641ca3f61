/** Owns the store in memory: the contract without a disk, for tests and for sites that can forget on a restart. */

import { adopting, mustHaveOrigins, type Adoption, type AdoptionCounts } from './adopt.ts';
import { startRounds, type Rounds } from './expiry-rounds.ts';
import { byDay, countedAs, Counts, type DayCounts } from './counts.ts';
import { answerKey, keysOf, nameOf, pairKey, standingKey, type Key } from './key.ts';
import {
  compileAnswerFilter,
  compileFilter,
  countStates,
  stateOf,
  type ListedTriplet,
  type ListFilter,
  type Stats,
} from './listing.ts';
import { releasedEntry, type Entry, type Judgement, type Timings } from './judge.ts';
import { granted, isAllowed, type Standing } from './standing.ts';
import {
  FOR_EVER_MS,
  StoreError,
  type Answer,
  type ExpirySlice,
  type OpenAnswer,
  type Released,
  type Store,
} from './store.ts';
import { firstOrigins, SOFT_FIRST, withOrigins, type Attempt, type Origin, type Subject } from './triplet.ts';
import { weigh, type Ledger, type TripletWrite } from './weigh.ts';

export interface MemoryOptions {
  /** When there are more, the longest remembered go; about 0.5 KB each. */
  readonly mostTriplets?: number;
  /** When expiry runs by itself, and by which clock (ms since the epoch); absent: only when `expire` is called. */
  readonly expiry?: { readonly rounds: Rounds; readonly now: () => number };
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

export function openMemoryStore({ mostTriplets = 500_000, expiry }: MemoryOptions = {}): Store {
  const store = new MemoryStore(mostTriplets);
  if (expiry !== undefined) store.stopRounds = startRounds(store, expiry.now, expiry.rounds);
  return store;
}

class MemoryStore implements Store {
  stopRounds: () => void = () => {};
  readonly #mostTriplets: number;
  readonly #rows = new Map<number, Row>();
  readonly #byKey = new Map<string, Row>();
  readonly #standings = new Map<string, Standing>();
  readonly #answerable = new Map<string, OpenAnswer>();
  readonly #counts = new Counts();
  readonly #ledger: Ledger<Row> = {
    triplet: (key) => {
      const row = this.#byKey.get(nameOf(key));
      return row === undefined ? undefined : { row, entry: row.entry };
    },
    standing: (key) => this.#standings.get(nameOf(key)),
    answerableUntilMs: (key) => this.#answerable.get(nameOf(key))?.untilMs,
  };
  #lastId = 0;
  #sweptTo = 0;
  #closed = false;

  constructor(mostTriplets: number) {
    this.#mostTriplets = mostTriplets;
  }

  async judge(attempt: Attempt, nowMs: number, timings: Timings): Promise<Judgement> {
    this.#mustBeOpen();
    const { judgement, triplet, head, standings } = weigh(this.#ledger, attempt, nowMs, timings);
    if (triplet !== null) this.#write(triplet, attempt);
    if (head !== null) head.row.entry = head.entry;
    for (const standing of standings) this.#keepStanding(standing);
    for (const what of countedAs(judgement, attempt)) this.#counts.add(what, nowMs);
    return judgement;
  }

  async revoke(subjects: readonly Subject[], nowMs: number): Promise<readonly Subject[]> {
    return subjects.filter((subject) => {
      const key = nameOf(standingKey(subject));
      const standing = this.#standings.get(key);
      if (standing?.granted !== false) return false;
      this.#standings.delete(key);
      return isAllowed(standing, nowMs);
    });
  }

  async earned(subjects: readonly Subject[]): Promise<readonly Subject[]> {
    return subjects.filter((subject) => this.#standings.get(nameOf(standingKey(subject)))?.granted === false);
  }

  async learn(answers: readonly Answer[], untilMs: number): Promise<void> {
    for (const answer of answers) {
      const key = nameOf(answerKey(answer));
      const before = this.#answerable.get(key)?.untilMs ?? 0;
      this.#answerable.set(key, { ...answer, untilMs: Math.max(untilMs, before) });
    }
    bound(this.#answerable, this.#mostTriplets);
  }

  async release(wanted: ListFilter, nowMs: number, lifetimeMs: number): Promise<Released> {
    let count = 0;
    let origins: readonly Origin[] = [];
    for await (const row of this.#matching(wanted, nowMs)) {
      if (row.sender === SOFT_FIRST || stateOf(row.entry, nowMs) !== 'waiting') continue;
      row.entry = releasedEntry(row.entry, nowMs, lifetimeMs);
      this.#byKey.set(nameOf(pairKey(row)), row);
      origins = firstOrigins(origins, row.origins);
      count++;
    }
    if (count > 0) this.#counts.add('released', nowMs, count);
    return { count, origins };
  }

  async forget(wanted: ListFilter, nowMs: number): Promise<number> {
    let forgotten = 0;
    for await (const row of this.#matching(wanted, nowMs)) {
      this.#remove(row);
      forgotten++;
    }
    return forgotten;
  }

  async unlearn(wanted: ListFilter, nowMs: number): Promise<number> {
    this.#mustBeOpen();
    const matches = compileAnswerFilter(wanted);
    let unlearnt = 0;
    for (const [key, answer] of this.#answerable) {
      if (answer.untilMs < nowMs || !matches(answer)) continue;
      this.#answerable.delete(key);
      unlearnt++;
    }
    return unlearnt;
  }

  async adopt(adoptions: readonly Adoption[], nowMs: number, timings: Timings): Promise<AdoptionCounts> {
    this.#mustBeOpen();
    mustHaveOrigins(adoptions);
    const counts = { adopted: 0, there: 0, stale: 0 };
    for (const adoption of adoptions) {
      const { outcome, triplet, standing } = adopting(this.#ledger, adoption, nowMs, timings);
      if (triplet !== null && adoption.kind === 'triplet') this.#write(triplet, adoption);
      if (standing !== null) this.#keepStanding(standing);
      counts[outcome]++;
    }
    return counts;
  }

  async grant(subject: Subject, untilMs: number | null, nowMs: number): Promise<void> {
    this.#keepStanding(granted(subject, untilMs ?? FOR_EVER_MS, nowMs));
  }

  async withdraw(subject: Subject): Promise<boolean> {
    return this.#standings.delete(nameOf(standingKey(subject)));
  }

  async *standings(nowMs: number): AsyncGenerator<Standing> {
    this.#mustBeOpen();
    for (const standing of this.#standings.values()) if (standing.expiresMs >= nowMs) yield standing;
  }

  async *answers(nowMs: number): AsyncGenerator<OpenAnswer> {
    this.#mustBeOpen();
    for (const answer of this.#answerable.values()) if (answer.untilMs >= nowMs) yield answer;
  }

  async counts(): Promise<readonly DayCounts[]> {
    this.#mustBeOpen();
    return byDay(this.#counts.entries());
  }

  async *list(filter: ListFilter, nowMs: number): AsyncGenerator<ListedTriplet> {
    for await (const row of this.#matching(filter, nowMs)) yield listed(row, nowMs);
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
    // In the order of their numbers: of those before the first there is nothing left to look at.
    const first = this.#rows.keys().next().value ?? this.#lastId + 1;
    const begin = Math.max(this.#sweptTo + 1, first);
    const end = begin + ROWS_PER_SLICE - 1;
    for (let id = begin; id <= Math.min(end, this.#lastId); id++) {
      const row = this.#rows.get(id);
      if (row === undefined || row.entry.expiresMs >= nowMs) continue;
      this.#remove(row);
      if (!row.entry.passed && row.sender !== SOFT_FIRST) this.#counts.add('never-returned', nowMs);
      removed++;
    }
    const done = end >= this.#lastId;
    this.#sweptTo = done ? 0 : end;
    if (done) this.#expireOthers(nowMs);
    return { removed, done };
  }

  #expireOthers(nowMs: number): void {
    for (const [key, { expiresMs }] of this.#standings) if (expiresMs < nowMs) this.#standings.delete(key);
    for (const [key, { untilMs }] of this.#answerable) if (untilMs < nowMs) this.#answerable.delete(key);
  }

  /** In slices, between which mail is judged. */
  async *#matching(wanted: ListFilter, nowMs: number): AsyncGenerator<Row> {
    this.#mustBeOpen();
    const matches = compileFilter(wanted);
    let seen = 0;
    for (const row of this.#rows.values()) {
      if (matches(listed(row, nowMs))) yield row;
      if (++seen % ROWS_PER_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #keepStanding(standing: Standing): void {
    this.#standings.set(nameOf(standingKey(standing)), standing);
    bound(this.#standings, this.#mostTriplets);
  }

  #write({ entry, row: own, keys, linked, leads }: TripletWrite<Row>, attempt: Attempt): void {
    const row = own ?? this.#add(attempt, entry);
    row.entry = entry;
    if (!linked) this.#link(row, keys, attempt.origins);
    if (leads !== null) this.#byKey.set(nameOf(leads), row);
  }

  async close(): Promise<void> {
    this.stopRounds();
    this.#closed = true;
  }

  #add({ origins, sender, recipient }: Attempt, entry: Entry): Row {
    const row: Row = { id: ++this.#lastId, origins, sender, recipient, entry };
    this.#rows.set(row.id, row);
    if (this.#rows.size > this.#mostTriplets) this.#remove(this.#rows.values().next().value!);
    return row;
  }

  #link(row: Row, keys: readonly Key[], added: readonly Origin[]): void {
    for (const key of keys) this.#byKey.set(nameOf(key), row);
    const { kept, forgotten } = withOrigins(row.origins, added);
    row.origins = kept;
    if (forgotten.length > 0) this.#unlink(row, forgotten);
  }

  #remove(row: Row): void {
    this.#unlink(row, row.origins);
    const leads = nameOf(pairKey(row));
    if (this.#byKey.get(leads) === row) this.#byKey.delete(leads);
    this.#rows.delete(row.id);
  }

  /** Only keys that still lead here: one of them may have gone over to an earlier triplet. */
  #unlink(row: Row, origins: readonly Origin[]): void {
    for (const key of keysOf({ ...row, origins }).map(nameOf)) {
      if (this.#byKey.get(key) === row) this.#byKey.delete(key);
    }
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the greylist is closed');
  }
}

function listed({ entry, origins, sender, recipient }: Row, nowMs: number): ListedTriplet {
  return { ...entry, origins, sender, recipient, state: stateOf(entry, nowMs) };
}

/** The longest remembered go. */
function bound(map: Map<string, unknown>, most: number): void {
  while (map.size > most) map.delete(map.keys().next().value!);
}
