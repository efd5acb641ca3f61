/** Owns the worker thread's life as its owner sees it: tasks with a deadline, and a new thread when one dies. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isOutage } from './sqlite-file.ts';
import type { Request, Response, Results, Start, Task } from './sqlite-messages.ts';
import { StoreError, storeError, type StoreEvent } from './store.ts';

export interface ThreadOptions extends Omit<Start, 'nowMs'> {
  readonly now: () => number;
  readonly deadlineMs: number;
  readonly onEvent: (event: StoreEvent) => void;
  /** The thread died, or did not answer in time. */
  readonly onTrouble: (error: StoreError) => void;
}

interface Pending {
  readonly resolve: (result: Results[Task['kind']]) => void;
  readonly reject: (error: StoreError) => void;
  readonly timer: NodeJS.Timeout;
}

/** `.ts` in a checkout, `.js` in the built package. */
const WORKER = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
const RESTART_AFTER_MS = 1000;

export class SqliteThread {
  readonly #options: ThreadOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #lastTask = 0;
  /** A task passed its deadline and there was no answer since: nobody else need wait for that long. */
  #stalled = false;
  #closing = false;
  #restart: NodeJS.Timeout | undefined;

  private constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** What keeps the file from being opened since the start; null: nothing. */
  outage: StoreError | null = null;
  /** Why there is no thread; null: there is one, or it is the first. */
  #absent: StoreError | null = null;

  /** Resolved when the file is open, or when an outage of its disk is what prevents it. Rejects with StoreError. */
  static async start(options: ThreadOptions): Promise<SqliteThread> {
    const thread = new SqliteThread(options);
    try {
      await thread.#begin();
    } catch (error) {
      if (!(error instanceof StoreError) || !isOutage(options.file, error.cause)) throw error;
      thread.outage = error;
      thread.#absent = error;
      thread.#again(RESTART_AFTER_MS);
    }
    return thread;
  }

  /** A task would be begun, and not be rejected at once. */
  get hears(): boolean {
    return this.#worker !== null && !this.#closing && !this.#stalled;
  }

  /** Rejects with StoreError, at the deadline at the latest. */
  run<K extends Task['kind']>(body: Extract<Task, { kind: K }> | (Task & { kind: K })): Promise<Results[K]> {
    const worker = this.#worker;
    if (worker === null || this.#closing) return Promise.reject(this.#absence());
    if (this.#stalled && body.kind !== 'close') return Promise.reject(stalled(this.#options.file));
    const request: Request = { task: ++this.#lastTask, body };
    return new Promise<Results[K]>((resolve, reject) => {
      const timer = setTimeout(() => this.#miss(request.task), this.#options.deadlineMs);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a task's result is of its kind
      this.#pending.set(request.task, { resolve: resolve as Pending['resolve'], reject, timer });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(request);
    });
  }

  /** Ends the thread once it has written all; one that does not answer is ended at the deadline. */
  async close(): Promise<void> {
    clearTimeout(this.#restart);
    const worker = this.#worker;
    const ended = worker && new Promise((resolve) => worker.once('exit', resolve));
    const flushed = this.run({ kind: 'close', nowMs: this.#options.now() });
    this.#closing = true;
    try {
      await flushed;
      await ended;
    } catch (error) {
      // Not awaited: it may hang in a disk that never answers.
      void worker?.terminate();
      if (worker !== null) this.#options.onTrouble(storeError(error));
    }
  }

  /** Starts a worker; settles when it is ready or can't be. */
  #begin(): Promise<void> {
    const { file, busyTimeoutMs, mostBytes, quietMs, now } = this.#options;
    const workerData: Start = { file, busyTimeoutMs, mostBytes, quietMs, nowMs: now() };
    const worker = new Worker(WORKER, {
      workerData,
      name: 'greylist',
      // The process' own (--eval, --test …) are not meant for this thread.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    return new Promise<void>((resolve, reject) => {
      let crash: Error | null = null;
      worker.on('message', (response: Response) => {
        if (response.kind === 'refused') reject(new StoreError(response.cause, response.why));
        else if (response.kind === 'ready') {
          // Closed while this one was starting in place of another.
          if (this.#closing) void worker.terminate();
          else {
            this.#worker = worker;
            this.#absent = null;
          }
          resolve();
        } else this.#hear(response);
      });
      worker.on('error', (error) => (crash = error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => {
        const why = crash?.stack ?? 'it ended';
        reject(new StoreError('io', `the greylist's thread could not start: ${why}`));
        if (this.#worker === worker) this.#lose(why);
      });
    });
  }

  #hear(response: Exclude<Response, { kind: 'ready' | 'refused' }>): void {
    if (response.kind === 'event') return this.#options.onEvent(response.event);
    this.#stalled = false;
    const pending = this.#pending.get(response.task);
    if (pending === undefined) return;
    this.#pending.delete(response.task);
    clearTimeout(pending.timer);
    if (response.kind === 'done') pending.resolve(response.result);
    else pending.reject(new StoreError(response.failure.cause, response.failure.why));
  }

  #miss(task: number): void {
    const pending = this.#pending.get(task);
    if (pending === undefined) return;
    this.#pending.delete(task);
    this.#stalled = true;
    const error = stalled(this.#options.file);
    this.#options.onTrouble(error);
    pending.reject(error);
  }

  #lose(why: string): void {
    this.#worker = null;
    this.#stalled = false;
    if (this.#closing) return;
    const error = new StoreError('io', `the greylist's thread ended unasked and is started again: ${why}`);
    this.#absent = error;
    this.#options.onTrouble(error);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#again(0);
  }

  #again(afterMs: number): void {
    this.#restart = setTimeout(() => {
      this.#begin().catch((error: unknown) => {
        this.#absent = storeError(error);
        this.#options.onTrouble(this.#absent);
        if (!this.#closing) this.#again(RESTART_AFTER_MS);
      });
    }, afterMs);
    this.#restart.unref();
  }

  #absence(): StoreError {
    return this.#closing
      ? new StoreError('closed', 'the greylist is closed')
      : (this.#absent ?? new StoreError('io', "the greylist's thread is being started again"));
  }
}

function stalled(file: string): StoreError {
  return new StoreError('busy', `can't use ${file}: its disk does not answer in time; dmesg may say why`);
}
