/** Owns the thread that has the greylist file open: it takes tasks one by one and sees that a bad file never stops them. */

import { existsSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import {
  packJudged,
  unpackAsked,
  type Request,
  type Response,
  type Results,
  type Start,
  type Task,
} from './sqlite-messages.ts';
import { BurstMemory } from '../give-back.ts';
import { Counts } from './counts.ts';
import { salvaged, unmark, unsalvaged } from './sqlite-salvage.ts';
import { explained, unusable } from './sqlite-cure.ts';
import { sqliteFailure, type SqliteFailure } from './sqlite-failure.ts';
import { inodeOf, lockFile, openFile, setAside, type Lock } from './sqlite-file.ts';
import { forget, release, unlearn } from './sqlite-orders.ts';
import { Pages } from './sqlite-pages.ts';
import { Sweep } from './sqlite-sweep.ts';
import { TripletTable } from './sqlite-table.ts';
import { StoreError, type StoreEvent } from './store.ts';

/** The open file with what works on it. */
interface Opened {
  readonly db: DatabaseSync;
  readonly table: TripletTable;
  readonly sweep: Sweep;
  readonly pages: Pages;
  /** Which file on the disk this is. */
  readonly inode: number | null;
  /** Likewise its log, which SQLite makes when it is first needed; 0: there was none yet. */
  log: number | null;
}

/** Later uses wait this long before they are written, so that many share a transaction … */
const FLUSH_AFTER_MS = 1000;
/** … of at most so many rows: 5 ms. */
const ROWS_PER_FLUSH = 256;
const FLUSH_PAUSE_MS = 10;
/** A look at the file's name costs microseconds, and a second's triplets are what a loss may cost. */
const LOOK_EVERY_MS = 1000;

const port = parentPort!;
const start: Start = workerData;
let lock: Lock | null = null;
/** Counts outlive a file that has to be closed and opened again, or set aside. */
const waiting = new Counts();
/** Null: closed after a failure, to be opened again for the next task. */
let current: Opened | null = null;
/** The file that was open is gone, and no new one has been begun. */
let lost = false;
/** A damaged file of which nothing has been saved yet. */
let aside: string | null = null;
let lookedMs = start.nowMs;
const memory = new BurstMemory(start.quietMs);
let flushTimer: NodeJS.Timeout | null = null;

try {
  current = openAll(start.nowMs);
  send({ kind: 'ready' });
  port.on('message', answer);
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  send({ kind: 'refused', cause: error.cause, why: error.message });
  unlock();
}

function answer({ task, body }: Request): void {
  let failure: SqliteFailure | null | undefined;
  try {
    const result = withCures(perform(body));
    send({ kind: 'done', task, result });
    if (typeof result === 'object' && result !== null && 'failures' in result) failure = result.failures[0];
  } catch (error) {
    failure = error instanceof StoreError ? { cause: error.cause, why: error.message } : sqliteFailure(error);
    // A bug: this thread ends with it, and the store starts another.
    if (failure === null) throw error;
    send({ kind: 'failed', task, failure: explained(start.file, failure) });
  }
  // Whatever state SQLite is in after these, a newly opened file tells.
  if (failure?.cause === 'io' || failure?.cause === 'read-only') closeFile();
  if (body.kind === 'close') port.close();
  else scheduleFlush(FLUSH_AFTER_MS);
  memory.used();
}

/** Most of them are one and the same, and the cure is asked of the disk. */
function withCures(result: Results[Task['kind']]): Results[Task['kind']] {
  if (typeof result !== 'object' || result === null || !('failures' in result)) return result;
  const [first] = result.failures;
  if (first === undefined) return result;
  const told = explained(start.file, first);
  const failures = result.failures.map((each) =>
    each.why === first.why ? told : explained(start.file, each),
  );
  return { ...result, failures };
}

function perform(body: Task): Results[Task['kind']] {
  noticeLoss(body.nowMs);
  try {
    return performOn((current ??= openAll(body.nowMs)), body);
  } catch (error) {
    const failure = sqliteFailure(error);
    if (failure?.cause !== 'corrupt') throw error;
    closeFile();
    setAside(start.file, body.nowMs, failure.why, reportAside);
    return performOn((current = openAll(body.nowMs)), body);
  }
}

function performOn({ table, sweep, pages }: Opened, body: Task): Results[Task['kind']] {
  switch (body.kind) {
    case 'judge':
      return packJudged(table.judge(unpackAsked(body.asked)));
    case 'expire':
      return sweep.slice(body.nowMs);
    case 'page':
      return pages.page(body.after, body.nowMs);
    case 'tally':
      return pages.tally(body.after, body.nowMs);
    case 'standings':
      return table.standings.page(body.after, body.nowMs);
    case 'answers':
      return table.standings.answerPage(body.after, body.nowMs);
    case 'counts':
      return table.counts.all();
    case 'revoke':
      return table.write(() =>
        body.subjects.filter((subject) => table.standings.revoke(subject, body.nowMs)),
      );
    case 'earned':
      return body.subjects.filter((subject) => table.standings.hasEarned(subject));
    case 'learn':
      table.write(() => body.answers.forEach((answer) => table.standings.learn(answer, body.untilMs)));
      return null;
    case 'used':
      return table.used(body.uses);
    case 'grant':
      table.write(() => table.standings.keep(body.standing));
      return null;
    case 'withdraw':
      return table.write(() => table.standings.withdraw(body.subject));
    case 'release':
      return release(body, table, pages);
    case 'forget':
      return forget(body, table, pages);
    case 'unlearn':
      return unlearn(body, table);
    case 'adopt':
      return table.adopt(body.adoptions, body.nowMs, body.timings);
    case 'close':
      closeAll(table);
  }
  return null;
}

/** With the lock first, which was let go of if the file was lost; its directory may be away, and is asked for again and again. */
function openAll(nowMs: number): Opened {
  lock ??= lockFile(start.file);
  if (lost) {
    // Logs of the lost file must not be played into the new one.
    for (const suffix of ['-wal', '-shm']) rmSync(start.file + suffix, { force: true });
    report({ kind: 'lost', file: start.file, replaced: existsSync(start.file) });
    lost = false;
  }
  const db = openFile(start, nowMs, reportAside);
  try {
    const table = new TripletTable(db, waiting);
    aside ??= unsalvaged(start.file);
    if (aside !== null) salvage(aside, table, nowMs);
    return {
      db,
      table,
      sweep: new Sweep(db, table),
      pages: new Pages(db),
      inode: inodeOf(start.file),
      log: inodeOf(`${start.file}-wal`),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * An `rm` while we run: of the file or its log, and SQLite would write on into one that nobody can open again; of the lock,
 * and a second Postern would take its own.
 */
function noticeLoss(nowMs: number): void {
  if (current === null || Math.abs(nowMs - lookedMs) < LOOK_EVERY_MS) return;
  lookedMs = nowMs;
  const fileIsLost = isAnother(start.file, current.inode);
  // What its own log holds is taken into the file when that is closed, though it has no name any more.
  const logIsLost = current.log !== 0 && isAnother(`${start.file}-wal`, current.log);
  if (current.log === 0) current.log = inodeOf(`${start.file}-wal`);
  if (logIsLost && !fileIsLost) return closeFile();
  if (!fileIsLost && !isAnother(lock!.file, lock!.inode)) return;
  closeFile();
  unlock();
  lost ||= fileIsLost;
}

function isAnother(file: string, inode: number | null): boolean {
  const now = inodeOf(file);
  return now !== null && now !== inode;
}

/** Throws StoreError for want of room or rights, and then it is tried again. */
function salvage(from: string, table: TripletTable, nowMs: number): void {
  const standings = salvaged(from, nowMs);
  try {
    table.write(() => standings.forEach((standing) => table.standings.keep(standing)));
    if (standings.length > 0) report({ kind: 'salvaged', from, standings: standings.length });
  } catch (error) {
    const failure = sqliteFailure(error);
    // What the new file itself refuses, it would refuse each time.
    if (failure?.cause !== 'foreign') throw unusable(start.file, error);
  }
  aside = null;
  unmark(start.file);
}

function unlock(): void {
  lock?.db.close();
  lock = null;
}

function closeAll(table: TripletTable): void {
  try {
    table.flush(Infinity);
  } finally {
    closeFile();
    unlock();
  }
}

function closeFile(): void {
  if (flushTimer !== null) clearTimeout(flushTimer);
  flushTimer = null;
  const closing = current;
  current = null;
  closing?.db.close();
}

function scheduleFlush(afterMs: number): void {
  if (flushTimer !== null || current === null || !current.table.isPending) return;
  flushTimer = setTimeout(flush, afterMs);
}

function flush(): void {
  flushTimer = null;
  try {
    current?.table.flush(ROWS_PER_FLUSH);
    scheduleFlush(FLUSH_PAUSE_MS);
  } catch (error) {
    // Still pending, and tried again after the next task; if something is wrong, a judgement will tell.
    if (sqliteFailure(error) === null) throw error;
  }
}

function reportAside(event: StoreEvent): void {
  if (event.kind === 'set-aside') aside = event.movedTo;
  report(event);
}

function report(event: StoreEvent): void {
  send({ kind: 'event', event });
}

function send(response: Response): void {
  port.postMessage(response);
}
