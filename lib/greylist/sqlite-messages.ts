/** Owns what the SQLite store and its worker thread say to each other. */

import type { Adoption, AdoptionCounts } from './adopt.ts';
import type { Judgement, Timings } from './judge.ts';
import type { Page, Tally } from './sqlite-pages.ts';
import type { DayCounts } from './counts.ts';
import type { ListFilter } from './listing.ts';
import type { Key } from './key.ts';
import type { Use } from './known-memory.ts';
import type { AnswerPage, StandingPage } from './sqlite-standings.ts';
import type { Standing } from './standing.ts';
import type { Asked, Judged } from './sqlite-table.ts';
import type { SqliteFailure } from './sqlite-failure.ts';
import type { Answer, ExpirySlice, Failure, StoreEvent } from './store.ts';
import {
  formatOrigins,
  parseOrigins,
  parseSubjects,
  type Origin,
  type Proof,
  type Subject,
} from './triplet.ts';
import type { FileOptions } from './sqlite-file.ts';

/** What the worker is started with. */
export interface Start extends FileOptions {
  readonly nowMs: number;
  /** See BurstMemory; undefined: its own. */
  readonly quietMs: number | undefined;
}

export type Task =
  | { readonly kind: 'judge'; readonly asked: PackedAsked; readonly nowMs: number }
  | { readonly kind: 'expire' | 'close'; readonly nowMs: number }
  | { readonly kind: 'page' | 'tally'; readonly after: number; readonly nowMs: number }
  | { readonly kind: 'standings' | 'answers'; readonly after: Key | null; readonly nowMs: number }
  | { readonly kind: 'counts'; readonly nowMs: number }
  | { readonly kind: 'earned' | 'revoke'; readonly subjects: readonly Subject[]; readonly nowMs: number }
  | {
      readonly kind: 'learn';
      readonly answers: readonly Answer[];
      readonly untilMs: number;
      readonly nowMs: number;
    }
  /** Of known triplets. */
  | { readonly kind: 'used'; readonly uses: readonly Use[]; readonly nowMs: number }
  | { readonly kind: 'grant'; readonly standing: Standing; readonly nowMs: number }
  | { readonly kind: 'withdraw'; readonly subject: Subject; readonly nowMs: number }
  | {
      readonly kind: 'release';
      readonly wanted: ListFilter;
      readonly after: number;
      readonly lifetimeMs: number;
      readonly nowMs: number;
    }
  | {
      readonly kind: 'adopt';
      readonly adoptions: readonly Adoption[];
      readonly timings: Timings;
      readonly nowMs: number;
    }
  | { readonly kind: 'forget'; readonly wanted: ListFilter; readonly after: number; readonly nowMs: number }
  | {
      readonly kind: 'unlearn';
      readonly wanted: ListFilter;
      readonly after: Key | null;
      readonly nowMs: number;
    };

/** Of one page. */
export interface Changed<Place> {
  readonly changed: number;
  /** Where the next page begins; null: this was the last. */
  readonly next: Place | null;
}

export interface ReleasedPage extends Changed<number> {
  /** The first few that differ. */
  readonly origins: readonly Origin[];
}

/** By the task's kind. */
export interface Results {
  judge: PackedJudged;
  expire: ExpirySlice;
  page: Page;
  tally: Tally;
  standings: StandingPage;
  answers: AnswerPage;
  counts: readonly DayCounts[];
  earned: readonly Subject[];
  revoke: readonly Subject[];
  learn: null;
  /** Those that have to be judged again, by their index. */
  used: readonly number[];
  grant: null;
  withdraw: boolean;
  release: ReleasedPage;
  forget: Changed<number>;
  unlearn: Changed<Key>;
  adopt: AdoptionCounts;
  close: null;
}

/** `task` numbers the tasks, so that an answer that comes too late is known as such. */
export interface Request {
  readonly task: number;
  readonly body: Task;
}

export type Response =
  | { readonly kind: 'ready' }
  /** The file could not be opened; the thread ends. */
  | { readonly kind: 'refused'; readonly cause: Failure; readonly why: string }
  | { readonly kind: 'event'; readonly event: StoreEvent }
  | { readonly kind: 'done'; readonly task: number; readonly result: Results[Task['kind']] }
  | { readonly kind: 'failed'; readonly task: number; readonly failure: SqliteFailure };

/** Flat, because a message costs by the number of its objects. */
export interface PackedAsked {
  readonly timings: readonly Timings[];
  /** Per attempt: origins, sender, recipient, of its proof the subjects and the provider, former spellings of the sender. */
  readonly texts: readonly string[];
  /** Per attempt: now, the index of its timings, and what is proven (flags). */
  readonly numbers: readonly number[];
}

/** Per attempt: outcome, seconds, tries; outcome `FAILED` with the index of a failure in `seconds`. */
export interface PackedJudged {
  readonly failures: readonly SqliteFailure[];
  readonly fields: readonly number[];
  readonly written: boolean;
  readonly forgot: boolean;
}

const OUTCOMES = [
  'new',
  'early',
  'passed',
  'capped',
  'released',
  'known',
  'allowed',
  'answered',
  'provider',
  'unseen',
] as const;
const FAILED = -1;

export function packAsked(asked: readonly Asked[]): PackedAsked {
  const timings: Timings[] = [];
  const texts: string[] = [];
  const numbers: number[] = [];
  for (const one of asked) {
    let index = timings.indexOf(one.timings);
    if (index < 0) index = timings.push(one.timings) - 1;
    const { proof } = one;
    const subjects = proof === undefined ? '' : formatOrigins(proof.subjects);
    texts.push(formatOrigins(one.origins), one.sender, one.recipient);
    texts.push(subjects, proof?.provider ?? '', formatSenders(one.formerly));
    numbers.push(one.nowMs, index, flagsOf(one));
  }
  return { timings, texts, numbers };
}

export function unpackAsked({ timings, texts, numbers }: PackedAsked): Asked[] {
  const asked: Asked[] = [];
  for (let t = 0, n = 0; t < texts.length; t += 6, n += 3) {
    const origins = parseOrigins(texts[t]!);
    const proof = proofOf(texts[t + 3]!, texts[t + 4]!, numbers[n + 2]!);
    const formerly = texts[t + 5]!;
    asked.push({
      origins,
      ...(proof === null ? {} : { proof }),
      ...(formerly === '' ? {} : { formerly: formerly.split('\n') }),
      ...((numbers[n + 2]! & ONLY_KNOWN) === 0 ? {} : { onlyKnown: true as const }),
      sender: texts[t + 1]!,
      recipient: texts[t + 2]!,
      nowMs: numbers[n]!,
      timings: timings[numbers[n + 1]!]!,
    });
  }
  return asked;
}

/** A normalised sender holds no line end. */
function formatSenders(senders: readonly string[] | undefined): string {
  return senders === undefined ? '' : senders.join('\n');
}

const PROVEN = 1;
const OWNS_SENDER = 2;
const MAY_CAP = 4;
const ONLY_KNOWN = 8;

function flagsOf({ proof, onlyKnown }: Asked): number {
  const asks = onlyKnown === true ? ONLY_KNOWN : 0;
  if (proof === undefined) return asks;
  return asks + PROVEN + (proof.ownsSender ? OWNS_SENDER : 0) + (proof.mayCap ? MAY_CAP : 0);
}

function proofOf(subjects: string, provider: string, flags: number): Proof | null {
  if ((flags & PROVEN) === 0) return null;
  return {
    subjects: parseSubjects(subjects),
    ...(provider === '' ? {} : { provider }),
    ownsSender: (flags & OWNS_SENDER) !== 0,
    mayCap: (flags & MAY_CAP) !== 0,
  };
}

export function packJudged({ answers, written, forgot }: Judged): PackedJudged {
  const failures: SqliteFailure[] = [];
  const fields: number[] = [];
  for (const answer of answers) {
    if ('cause' in answer) fields.push(FAILED, failures.push(answer) - 1, 0);
    else fields.push(OUTCOMES.indexOf(answer.outcome), secondsOf(answer), triesOf(answer));
  }
  return { failures, fields, written, forgot };
}

export function unpackJudged({ failures, fields, written, forgot }: PackedJudged): Judged {
  const answers: (Judgement | SqliteFailure)[] = [];
  for (let i = 0; i < fields.length; i += 3) {
    const [code, seconds, tries] = [fields[i]!, fields[i + 1]!, fields[i + 2]!];
    answers.push(code === FAILED ? failures[seconds]! : judgementOf(OUTCOMES[code]!, seconds, tries));
  }
  return { answers, written, forgot };
}

/** Of one that is allowed, the index of its subject. */
function secondsOf(judgement: Judgement): number {
  switch (judgement.outcome) {
    case 'new':
    case 'early':
      return judgement.waitSeconds;
    case 'passed':
    case 'capped':
    case 'released':
      return judgement.delayedSeconds;
    case 'allowed':
      return judgement.subject;
    case 'known':
    case 'answered':
    case 'provider':
    case 'unseen':
      return 0;
  }
}

function triesOf(judgement: Judgement): number {
  return 'tries' in judgement ? judgement.tries : 0;
}

function judgementOf(outcome: Judgement['outcome'], seconds: number, tries: number): Judgement {
  switch (outcome) {
    case 'new':
    case 'early':
      return { outcome, waitSeconds: seconds, tries };
    case 'passed':
    case 'capped':
    case 'released':
      return { outcome, delayedSeconds: seconds, tries };
    case 'allowed':
      return { outcome, subject: seconds };
    case 'known':
    case 'answered':
    case 'provider':
    case 'unseen':
      return { outcome };
  }
}
