/** Owns the limit on patterns that backtrack: they run in a thread, one at a time, and it is ended when one takes too long. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Groups } from './compile-pattern.ts';
import type { MatchRequest, MatchResponse } from './match-worker.ts';

export type Matched =
  | { readonly ok: true; readonly groups: Groups | null }
  | { readonly ok: false; readonly why: string };

interface Waiting extends Omit<MatchRequest, 'id'> {
  readonly resolve: (matched: Matched) => void;
}

/** For one pattern and one key. An address is 320 bytes at most: what takes longer would take hours. */
const LIMIT_MS = 100;
/** A queue of patterns that all take too long must not outlast the sessions that wait for it. */
const MOST_WAITING = 50;
/** A thread takes some 30 ms to start; on a machine that swaps, more. */
const START_LIMIT_MS = 5000;

/** `.ts` in a checkout, `.js` in the built package. */
const WORKER = new URL(`./match-worker${extname(import.meta.url)}`, import.meta.url);

export class MatchThread {
  #worker: Worker | null = null;
  #ready = false;
  #closed = false;
  readonly #waiting: Waiting[] = [];
  #running: (Waiting & { readonly id: number }) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** Starts the thread, so that the first lookup need not wait for it. */
  prepare(): void {
    if (this.#worker === null) this.#start();
  }

  /** Never rejects. */
  match(source: string, text: string): Promise<Matched> {
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.resolve({ ok: false, why: `${MOST_WAITING} lookups wait for patterns that take long` });
    return new Promise((resolve) => {
      this.#waiting.push({ source, text, resolve });
      this.prepare();
      this.#next();
    });
  }

  /** Lookups that come later start it again, for so long: a session keeps its tables. */
  close(): void {
    this.#closed = true;
    if (this.#isIdle) this.#stop();
  }

  get #isIdle(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  #start(): void {
    const worker = new Worker(WORKER, {
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    });
    this.#worker = worker;
    this.#ready = false;
    this.#timer = setTimeout(
      () => this.#lose(worker, 'the thread for patterns does not start'),
      START_LIMIT_MS,
    );
    this.#timer.unref();
    worker.on('message', (message: MatchResponse | 'ready') => {
      if (worker !== this.#worker) return;
      if (message !== 'ready') return this.#answered(message);
      clearTimeout(this.#timer);
      this.#ready = true;
      this.#next();
    });
    worker.on('error', (error) => this.#lose(worker, `the thread for patterns failed: ${String(error)}`));
    worker.on('exit', () => this.#lose(worker, 'the thread for patterns ended'));
    this.#hold();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = null;
    this.#ready = false;
    void worker?.terminate();
  }

  /** An idle thread must not keep the process alive, one that a lookup waits for must. */
  #hold(): void {
    if (this.#isIdle) this.#worker?.unref();
    else this.#worker?.ref();
  }

  #next(): void {
    if (this.#ready && this.#running === null) {
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) this.#run(waiting);
    }
    if (this.#closed && this.#isIdle) this.#stop();
    else this.#hold();
  }

  #run(waiting: Waiting): void {
    const worker = this.#worker!;
    const id = ++this.#lastId;
    this.#running = { ...waiting, id };
    const request: MatchRequest = { id, source: waiting.source, text: waiting.text };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(request);
    this.#timer = setTimeout(() => {
      // If it is we who were busy, the answer is there and has only not been read.
      setImmediate(() =>
        setImmediate(() => {
          if (this.#running?.id === id) this.#lose(worker, `the pattern took longer than ${LIMIT_MS} ms`);
        }),
      );
    }, LIMIT_MS);
  }

  #answered(message: MatchResponse): void {
    if (this.#running?.id !== message.id) return;
    clearTimeout(this.#timer);
    this.#settle(
      'failure' in message ? { ok: false, why: message.failure } : { ok: true, groups: message.groups },
    );
    this.#next();
  }

  /** This thread is of no use any more; those that wait get another. */
  #lose(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    const started = this.#ready;
    this.#stop();
    this.#settle({ ok: false, why });
    // A thread that can't start would be tried for ever.
    if (!started) for (const { resolve } of this.#waiting.splice(0)) resolve({ ok: false, why });
    if (this.#waiting.length > 0) this.#start();
  }

  #settle(matched: Matched): void {
    const running = this.#running;
    this.#running = null;
    running?.resolve(matched);
  }
}
