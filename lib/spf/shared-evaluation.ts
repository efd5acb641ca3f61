/** Owns SharedEvaluation: one that is under way, and those who wait for it. */

export class SharedEvaluation<T> {
  readonly #answer: Promise<T>;
  readonly #over = new AbortController();
  #waiting = 0;

  constructor(begin: (over: AbortController) => Promise<T>) {
    this.#answer = begin(this.#over);
  }

  /** Its time is over, or nobody waited any more: whoever comes now begins another. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Null: `signal` has aborted before there was an answer. The others go on waiting; the last who goes ends it. */
  wait(signal: AbortSignal): Promise<T | null> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', leave);
        if (--this.#waiting === 0) this.#over.abort();
        resolve(null);
      };
      signal.addEventListener('abort', leave);
      const stay = (): void => signal.removeEventListener('abort', leave);
      this.#answer.then(
        (answer) => {
          stay();
          resolve(answer);
        },
        (error: unknown) => {
          stay();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}
