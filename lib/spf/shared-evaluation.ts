/** Owns SharedEvaluation: one that is under way, and those who wait for it. */

export class SharedEvaluation<T> {
  readonly #answer: Promise<T>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(begin: (signal: AbortSignal) => Promise<T>) {
    this.#answer = begin(this.#abort.signal);
  }

  /** Nobody waited any more, so that it ends with nothing: whoever comes now begins another. */
  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Null: `signal` has aborted before there was an answer. The others go on waiting; the last who goes ends it. */
  wait(signal: AbortSignal): Promise<T | null> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', leave);
        if (--this.#waiting === 0) this.#abort.abort();
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
