/** Owns what is remembered of one type of record, and the queries under way for it. */

import type { AnswerCache, Entry, Known } from './answer-cache.ts';
import type { DnsCounts } from './dns-counts.ts';
import type { Orphans } from './orphans.ts';
import { ABORTED, NO_NAME_TTL, queryName, type Answer } from './resolver.ts';

/**
 * Seconds. A TTL of a second is mostly what is left of a longer one in the server's own cache. But 0 says that the answer
 * is for those only who wait for it (RFC 1035 §3.2.1), and asking again costs one query.
 */
const SHORTEST_TTL = 60;
const LONGEST_TTL = 3600;

/** RFC 8767 §5, the client response timer: so long a newer answer is waited for. */
const PATIENCE_MS = 1800;
/** And the failure recheck timer, shorter than there: so long no other attempt is made. */
const RECHECK_MS = 5000;

/** What all types share, and all lanes but the orphans. */
export interface Memory {
  readonly cache: AnswerCache;
  readonly orphans: Orphans;
  readonly counts: DnsCounts;
  readonly now: () => number;
  readonly serveStaleMs: number;
}

type Ask<T> = (name: string, signal: AbortSignal) => Promise<Answer<T>>;

/** A query under way, whoever waits for it. */
interface Flight<T> {
  readonly answer: Promise<Answer<T>>;
  readonly sinceMs: number;
  readonly abort: AbortController;
  waiting: number;
  ended: boolean;
}

export class Remembered<T> {
  readonly #type: string;
  readonly #askDns: Ask<T>;
  readonly #memory: Memory;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(type: string, ask: Ask<T>, memory: Memory) {
    this.#type = type;
    this.#askDns = ask;
    this.#memory = memory;
  }

  async ask(asked: string, signal: AbortSignal): Promise<Answer<T>> {
    const { cache, counts, now, serveStaleMs } = this.#memory;
    const name = queryName(asked)?.toLowerCase();
    if (name === undefined) return { status: 'nxdomain', ttl: NO_NAME_TTL };
    if (signal.aborted) return ABORTED;
    counts.lookups++;
    // One string of its own: put together otherwise, it would keep those that it is made of.
    const key = [this.#type, name].join(' ');
    const entry = cache.get(key);
    const nowMs = now();
    if (entry !== undefined && nowMs < entry.untilMs) {
      counts.hits++;
      return this.#answerOf(entry, nowMs);
    }
    const stale = entry !== undefined && nowMs < entry.untilMs + serveStaleMs ? entry : null;
    if (stale?.failedMs != null && nowMs < stale.failedMs + RECHECK_MS) return this.#staleAnswer(stale);
    const flight = this.#underWay(key) ?? this.#begin(key, name, nowMs);
    if (stale === null) {
      counts.misses++;
      return this.#waitFor(flight, flight.answer, signal);
    }
    // Once the DNS has failed, nobody waits for it but the next attempt.
    const patienceMs = stale.failedMs === null ? flight.sinceMs + PATIENCE_MS - nowMs : 0;
    const newer = await this.#waitFor(flight, within(flight.answer, patienceMs), signal);
    if (newer !== null && newer.status !== 'temperror') {
      counts.misses++;
      return newer;
    }
    return signal.aborted ? ABORTED : this.#staleAnswer(stale);
  }

  #underWay(key: string): Flight<T> | undefined {
    const flight = this.#flights.get(key);
    return flight?.abort.signal.aborted === true ? undefined : flight;
  }

  #begin(key: string, name: string, nowMs: number): Flight<T> {
    const abort = new AbortController();
    const answer = this.#fly(key, name, abort.signal);
    const flight: Flight<T> = { answer, sinceMs: nowMs, abort, waiting: 0, ended: false };
    this.#flights.set(key, flight);
    const end = (): void => {
      flight.ended = true;
      this.#memory.orphans.delete(abort);
      // Of one that was given up, another may have taken the place.
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    // A bug below is for those who wait; perhaps there is nobody.
    answer.then(end, end);
    return flight;
  }

  async #fly(key: string, name: string, signal: AbortSignal): Promise<Answer<T>> {
    const answer = await this.#askDns(name, signal);
    if (!signal.aborted) this.#keep(key, answer);
    return answer;
  }

  /** Its asker may go, and who comes next profits: the last one that goes leaves an orphan. */
  async #waitFor<A>(flight: Flight<T>, answer: Promise<A>, signal: AbortSignal): Promise<A | Answer<never>> {
    const { orphans } = this.#memory;
    if (flight.waiting++ === 0) orphans.delete(flight.abort);
    try {
      return await unlessAborted(answer, signal);
    } finally {
      if (--flight.waiting === 0 && !flight.ended) orphans.add(flight.abort);
    }
  }

  #keep(key: string, answer: Answer<T>): void {
    const { cache, counts, now } = this.#memory;
    if (answer.status === 'temperror') {
      const entry = cache.get(key);
      if (entry !== undefined) entry.failedMs = now();
      return;
    }
    const seconds = lifetime(answer);
    if (seconds <= 0) return cache.delete(key);
    const text = answer.status === 'found' ? JSON.stringify(answer.records) : '';
    const entry = { status: answer.status, text, untilMs: now() + seconds * 1000, failedMs: null };
    counts.evicted += cache.set(key, entry);
  }

  #staleAnswer(entry: Entry): Answer<T> {
    this.#memory.counts.stale++;
    return this.#answerOf(entry, entry.untilMs);
  }

  #answerOf({ status, text, untilMs }: Entry, nowMs: number): Known<T> {
    const ttl = Math.ceil((untilMs - nowMs) / 1000);
    const known = { ttl, remembered: true } as const;
    return status === 'found' ? { status, records: JSON.parse(text), ...known } : { status, ...known };
  }
}

/** In seconds; 0: not beyond those who wait for it. A negative one without an SOA must not be kept (RFC 2308 §5). */
function lifetime({ status, ttl }: Known<unknown>): number {
  if (ttl <= 0) return 0;
  return Math.min(status === 'found' ? Math.max(ttl, SHORTEST_TTL) : ttl, LONGEST_TTL);
}

function unlessAborted<A>(answer: Promise<A>, signal: AbortSignal): Promise<A | Answer<never>> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => resolve(ABORTED);
    const stay = (): void => signal.removeEventListener('abort', aborted);
    signal.addEventListener('abort', aborted);
    answer.then(
      (said) => {
        stay();
        resolve(said);
      },
      (error: unknown) => {
        stay();
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever it is, it goes on
        reject(error);
      },
    );
  });
}

/** Null: it was not there in time. */
function within<A>(answer: Promise<A>, ms: number): Promise<A | null> {
  if (ms <= 0) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
