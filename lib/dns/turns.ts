/** Owns how many lookups run at once; the others wait for their turn, first come first served. */

export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Whether `take` would begin at once. */
  get free(): boolean {
    return this.#free > 0;
  }

  /** Runs `begin`, now or later, and ends its turn when `begin`'s promise settles. Returns how to step out of the row. */
  take(begin: () => Promise<unknown>): () => void {
    const run = (): void => {
      const end = (): void => this.#next();
      begin().then(end, end);
    };
    if (this.#free > 0) {
      this.#free--;
      run();
    } else this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  #next(): void {
    const [run] = this.#waiting;
    if (run === undefined) this.#free++;
    else {
      this.#waiting.delete(run);
      run();
    }
  }
}
