/** Owns the attempts that wait for the database's thread: those of one moment become one transaction. */

import type { Judgement } from './judge.ts';
import { packAsked, unpackJudged, type PackedAsked, type PackedJudged } from './sqlite-messages.ts';
import type { Asked } from './sqlite-table.ts';
import { StoreError, storeError } from './store.ts';

export interface QueueSettings {
  /** Who has waited so long for others is rejected as `busy`: by then nobody waits for the answer. */
  readonly mostWaitMs: number;
  run(asked: PackedAsked): Promise<PackedJudged>;
  onTrouble(error: StoreError): void;
  onKnown(asked: Asked): void;
  /** What was known may not be any more. */
  onForgot(): void;
  /** Something has reached the disk. */
  onWritten(): void;
}

interface Waiting extends Asked {
  /** By performance.now(). */
  readonly sinceMs: number;
  readonly resolve: (judgement: Judgement) => void;
  readonly reject: (error: StoreError) => void;
}

const MOST_PER_TRANSACTION = 256;

export class JudgementQueue {
  readonly #settings: QueueSettings;
  #waiting: Waiting[] = [];
  #sending = false;
  #idle: () => void = () => {};

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  /** Rejects with StoreError. */
  judge(asked: Asked): Promise<Judgement> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...asked, sinceMs: performance.now(), resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      void this.#send();
    });
  }

  /** Nobody waits any more. */
  async drained(): Promise<void> {
    if (this.#sending) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** One transaction after the other, each with all that came during the one before: nobody waits for a timer. */
  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      await turn();
      this.#dropStale();
      const batch = this.#waiting.splice(0, MOST_PER_TRANSACTION);
      if (batch.length === 0) break;
      try {
        this.#settle(batch, await this.#settings.run(packAsked(batch)));
      } catch (error) {
        const failure = storeError(error);
        this.#settings.onTrouble(failure);
        // Those behind have waited as long, and what failed for all would fail for them.
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(failure);
      }
    }
    this.#sending = false;
    this.#idle();
  }

  /** To work them off all the same would keep those behind waiting as long. */
  #dropStale(): void {
    const since = performance.now() - this.#settings.mostWaitMs;
    if (this.#waiting[0]!.sinceMs >= since) return;
    const fresh = this.#waiting.findIndex(({ sinceMs }) => sinceMs >= since);
    const stale = this.#waiting.splice(0, fresh < 0 ? this.#waiting.length : fresh);
    const error = new StoreError('busy', 'more mail than the greylist can judge in time');
    this.#settings.onTrouble(error);
    for (const { reject } of stale) reject(error);
  }

  #settle(batch: readonly Waiting[], packed: PackedJudged): void {
    const { answers, written, forgot } = unpackJudged(packed);
    for (const [i, asked] of batch.entries()) {
      const { resolve, reject } = asked;
      const answer = answers[i]!;
      if ('outcome' in answer) {
        if (answer.outcome === 'known') this.#settings.onKnown(asked);
        resolve(answer);
        continue;
      }
      const failure = new StoreError(answer.cause, answer.why);
      this.#settings.onTrouble(failure);
      reject(failure);
    }
    if (forgot) this.#settings.onForgot();
    if (written) this.#settings.onWritten();
  }
}

/** Until all sockets that have something were read: their attempts share the transaction. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
