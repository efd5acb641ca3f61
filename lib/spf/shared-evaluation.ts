/** Owns SharedEvaluation: one that is under way, and those who wait for it. */

export class SharedEvaluation<T> {
  readonly #answer: Promise<T>;
  readonly #over = new AbortController();
  #waiting = 0;

  /** `begin` is told what `isOver` goes by, and ends when it is aborted. */
  constructor(begin: (over: AbortController) => Promise<T>) {
    this.#answer = begin(this.#over);
  }

  /** Whether this is the one that was begun with `over`. */
  has(over: AbortController): boolean {
    return this.#over === over;
  }

  /** Its time is over, or nobody waited any more: whoever comes now begins another. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Fulfils with `gone` where `signal` aborts first. The others go on waiting; the last who goes ends it. */
  wait(signal: AbortSignal, gone: () => T): Promise<T> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', leave);
        if (--this.#waiting === 0) this.#over.abort();
        resolve(gone());
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
