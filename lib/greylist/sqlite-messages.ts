/** Owns what the SQLite store and its worker thread say to each other. */

import type { Judgement, Timings } from './judge.ts';
import type { Page, Tally } from './sqlite-pages.ts';
import type { Asked, Judged } from './sqlite-table.ts';
import type { SqliteFailure } from './sqlite-failure.ts';
import type { ExpirySlice, Failure, StoreEvent } from './store.ts';
import { formatOrigins, parseOrigins } from './triplet.ts';
import type { FileOptions } from './sqlite-file.ts';

/** What the worker is started with. */
export interface Start extends FileOptions {
  readonly nowMs: number;
}

export type Task =
  | { readonly kind: 'judge'; readonly asked: PackedAsked; readonly nowMs: number }
  | { readonly kind: 'expire' | 'close'; readonly nowMs: number }
  | { readonly kind: 'page' | 'tally'; readonly after: number; readonly nowMs: number };

/** By the task's kind. */
export interface Results {
  judge: PackedJudged;
  expire: ExpirySlice;
  page: Page;
  tally: Tally;
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
  /** Per attempt: origins, sender, recipient. */
  readonly texts: readonly string[];
  /** Per attempt: now, and the index of its timings. */
  readonly numbers: readonly number[];
}

/** Per attempt: outcome, seconds, tries; outcome `FAILED` with the index of a failure in `seconds`. */
export interface PackedJudged {
  readonly failures: readonly SqliteFailure[];
  readonly fields: readonly number[];
  readonly written: boolean;
}

const OUTCOMES = ['new', 'early', 'passed', 'known'] as const;
const FAILED = -1;

export function packAsked(asked: readonly Asked[]): PackedAsked {
  const timings: Timings[] = [];
  const texts: string[] = [];
  const numbers: number[] = [];
  for (const one of asked) {
    let index = timings.indexOf(one.timings);
    if (index < 0) index = timings.push(one.timings) - 1;
    texts.push(formatOrigins(one.origins), one.sender, one.recipient);
    numbers.push(one.nowMs, index);
  }
  return { timings, texts, numbers };
}

export function unpackAsked({ timings, texts, numbers }: PackedAsked): Asked[] {
  const asked: Asked[] = [];
  for (let t = 0, n = 0; t < texts.length; t += 3, n += 2) {
    const origins = parseOrigins(texts[t]!);
    asked.push({
      origins,
      sender: texts[t + 1]!,
      recipient: texts[t + 2]!,
      nowMs: numbers[n]!,
      timings: timings[numbers[n + 1]!]!,
    });
  }
  return asked;
}

export function packJudged({ answers, written }: Judged): PackedJudged {
  const failures: SqliteFailure[] = [];
  const fields: number[] = [];
  for (const answer of answers) {
    if ('cause' in answer) fields.push(FAILED, failures.push(answer) - 1, 0);
    else fields.push(OUTCOMES.indexOf(answer.outcome), secondsOf(answer), answer.tries);
  }
  return { failures, fields, written };
}

export function unpackJudged({ failures, fields, written }: PackedJudged): Judged {
  const answers: (Judgement | SqliteFailure)[] = [];
  for (let i = 0; i < fields.length; i += 3) {
    const [code, seconds, tries] = [fields[i]!, fields[i + 1]!, fields[i + 2]!];
    answers.push(code === FAILED ? failures[seconds]! : judgementOf(OUTCOMES[code]!, seconds, tries));
  }
  return { answers, written };
}

function secondsOf(judgement: Judgement): number {
  if (judgement.outcome === 'known') return 0;
  return judgement.outcome === 'passed' ? judgement.delayedSeconds : judgement.waitSeconds;
}

function judgementOf(outcome: Judgement['outcome'], seconds: number, tries: number): Judgement {
  if (outcome === 'known') return { outcome, tries };
  return outcome === 'passed'
    ? { outcome, delayedSeconds: seconds, tries }
    : { outcome, waitSeconds: seconds, tries };
}
