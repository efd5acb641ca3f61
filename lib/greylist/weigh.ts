/**
 * Owns the whole judgement of an attempt: its triplet, and what else is known of who sends it. It reads a Ledger and says
 * what to write there; every store goes by it.
 */

import {
  broughtIn,
  judge,
  passing,
  triedElsewhere,
  type Entry,
  type Judgement,
  type Ruling,
  type Timings,
} from './judge.ts';
import { answerKey, keysOf, pairKey, standingKey, type Key } from './key.ts';
import { credited, isAllowed, used, type Earning, type Standing } from './standing.ts';
import type { Attempt, Subject } from './triplet.ts';

/** What a store has under a key. `R`: what it calls a triplet. */
export interface Ledger<R> {
  triplet(key: Key): { readonly row: R; readonly entry: Entry } | undefined;
  standing(key: Key): Standing | undefined;
  /** Until when a correspondent may answer. */
  answerableUntilMs(key: Key): number | undefined;
}

export interface Weighed<R> {
  readonly judgement: Judgement;
  /** What becomes of the triplet; null: nothing of it is remembered. */
  readonly triplet: TripletWrite<R> | null;
  /** The first triplet of the same sender and recipient, or the one that was released, of which this was another try; null: there is none, or it is its own. */
  readonly head: { readonly row: R; readonly entry: Entry } | null;
  readonly standings: readonly Standing[];
}

export interface TripletWrite<R> {
  readonly entry: Entry;
  /** Null: a new one. */
  readonly row: R | null;
  /** Under each of these it is to be found. */
  readonly keys: readonly Key[];
  /** All of `keys` lead there already. */
  readonly linked: boolean;
  /** It is to be found by its sender and recipient too. */
  readonly leads: Key | null;
}

/** Tries after which a pair may pass wherever it comes from. */
const TRIES_TO_CAP = 3;

/** Throws RangeError for an attempt without origins. */
export function weigh<R>(ledger: Ledger<R>, attempt: Attempt, nowMs: number, timings: Timings): Weighed<R> {
  const keys = keysOf(attempt);
  const seen = keys.map((key) => ledger.triplet(key));
  const ruling = ruled(ledger, attempt, seen, nowMs, timings);
  if (attempt.onlyKnown === true && ruling.judgement.outcome !== 'known')
    return remembersNothing({ outcome: 'unseen' });
  const waits = ruling.judgement.outcome === 'new' || ruling.judgement.outcome === 'early';
  const spared = waits ? sparedBy(ledger, attempt, nowMs, timings) : null;
  if (spared !== null) return spared;
  // One that was found under a former spelling stays what it was, for others whom it stands for: this is a copy.
  const own = ruling.continues === null ? null : (seen[ruling.continues]?.row ?? null);
  const capped = waits ? cappedBy(ledger, attempt, { ruling, own, nowMs, timings }) : NO_CAP;
  const { judgement, entry } = capped.ruling ?? ruling;
  return {
    judgement,
    triplet: {
      entry,
      row: own,
      keys,
      linked: own !== null && seen.every((each) => each?.row === own),
      leads: capped.leads,
    },
    head: capped.head,
    standings: judgement.outcome === 'passed' ? credits(ledger, attempt, nowMs, timings) : [],
  };
}

/** Former spellings only of what is else new: nobody who is known pays for them. */
function ruled<R>(
  ledger: Ledger<R>,
  { formerly, origins, recipient }: Attempt,
  seen: readonly ({ readonly entry: Entry } | undefined)[],
  nowMs: number,
  timings: Timings,
): Ruling {
  const entries = seen.map((each) => each?.entry);
  const ruling = judge(entries, nowMs, timings);
  if (formerly === undefined || ruling.judgement.outcome !== 'new') return ruling;
  const former = formerly
    .flatMap((sender) => keysOf({ origins, sender, recipient }))
    .map((key) => ledger.triplet(key)?.entry);
  return judge([...entries, ...former], nowMs, timings);
}

/** Who is known otherwise waits for nothing, and no triplet is remembered of it. */
function sparedBy<R>(
  ledger: Ledger<R>,
  { proof, sender, recipient }: Attempt,
  nowMs: number,
  timings: Timings,
): Weighed<R> | null {
  if (proof === undefined) return null;
  if (proof.provider !== undefined) return remembersNothing({ outcome: 'provider' });
  for (const [subject, each] of proof.subjects.entries()) {
    const standing = ledger.standing(standingKey(each));
    if (!isAllowed(standing, nowMs)) continue;
    const later = used(standing, nowMs, earningOf(timings));
    return {
      judgement: { outcome: 'allowed', subject },
      triplet: null,
      head: null,
      standings: later === null ? [] : [later],
    };
  }
  if (!proof.ownsSender) return null;
  const until = ledger.answerableUntilMs(answerKey({ sender, recipient }));
  if (until === undefined || until < nowMs) return null;
  return remembersNothing({ outcome: 'answered' });
}

function remembersNothing<R>(judgement: Judgement): Weighed<R> {
  return { judgement, triplet: null, head: null, standings: [] };
}

interface Waiting<R> {
  readonly ruling: Ruling;
  readonly own: R | null;
  readonly nowMs: number;
  readonly timings: Timings;
}

interface Capped<R> extends Pick<Weighed<R>, 'head'> {
  /** Instead of the ruling by origins; null: that one holds. */
  readonly ruling: Ruling | null;
  readonly leads: Key | null;
}

const NO_CAP = { ruling: null, leads: null, head: null } as const;

function cappedBy<R>(
  ledger: Ledger<R>,
  attempt: Attempt,
  { ruling, own, nowMs, timings }: Waiting<R>,
): Capped<R> {
  if (attempt.proof?.mayCap !== true) return NO_CAP;
  const key = pairKey(attempt);
  const head = ledger.triplet(key);
  if (head?.entry.released && nowMs - head.entry.lastMs <= timings.windowMs) {
    const used = broughtIn(head.entry, null, nowMs, timings);
    return {
      ruling: { ...used, continues: ruling.continues },
      leads: null,
      head: { row: head.row, entry: used.entry },
    };
  }
  const capMs = timings.capMs ?? null;
  if (capMs === null) return NO_CAP;
  const alive = head !== undefined && !head.entry.passed && nowMs - head.entry.firstMs <= timings.windowMs;
  if (!alive) return { ruling: null, leads: key, head: null };
  const isOwn = head.row === own;
  const tries = isOwn ? ruling.entry.tries : head.entry.tries + 1;
  const firstMs = Math.min(head.entry.firstMs, nowMs);
  if (tries >= TRIES_TO_CAP && nowMs - firstMs >= capMs) {
    const { lastMs } = ruling.entry;
    const passed = passing('capped', { firstMs, lastMs, tries }, nowMs, timings, ruling.continues);
    return { ruling: passed, leads: null, head: null };
  }
  return {
    ruling: null,
    leads: null,
    head: isOwn ? null : { row: head.row, entry: triedElsewhere(head.entry, nowMs, timings) },
  };
}

/** Networks and names of organisations earn nothing: one good host must not free its neighbours. */
function credits<R>(ledger: Ledger<R>, { proof }: Attempt, nowMs: number, timings: Timings): Standing[] {
  const earning = earningOf(timings);
  if (earning.allowAfter === 0) return [];
  return (proof?.subjects ?? []).filter(mayEarn).flatMap((subject) => {
    const standing = credited(subject, ledger.standing(standingKey(subject)), nowMs, earning);
    return standing === null ? [] : [standing];
  });
}

/** Networks and organisations never. */
export function mayEarn({ kind }: Subject): boolean {
  return kind === 'spf' || kind === 'address';
}

function earningOf({ allowAfter = 0, lifetimeMs }: Timings): Earning {
  return { allowAfter, lifetimeMs };
}
