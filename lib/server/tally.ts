/** Owns Tally: what happens again and again is told by its number, without a line for each. */

import type { Clock } from '../lists/clock.ts';

const MINUTE_MS = 60_000;

/**
 * Told at powers of two, as a flood must not become a flood of log lines, and once a minute if there is more to say.
 * After a minute without any it begins at one again: the next flood is told of like the first.
 */
export class Tally {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #tell: (count: number) => void;
  #count = 0;
  #told = 0;
  /** When the last minute ended. */
  #before = 0;
  #callOff: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'after'>, tell: (count: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(): void {
    this.#count += 1;
    if (isPowerOfTwo(this.#count)) this.#tellAll();
    this.#callOff ??= this.#clock.after(MINUTE_MS, this.#minute);
  }

  /** Tells what is left to tell. */
  close(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#tellAll();
  }

  readonly #minute = (): void => {
    this.#callOff = null;
    if (this.#count === this.#before) {
      this.#count = this.#told = this.#before = 0;
      return;
    }
    this.#tellAll();
    this.#before = this.#count;
    this.#callOff = this.#clock.after(MINUTE_MS, this.#minute);
  };

  #tellAll(): void {
    if (this.#told === this.#count) return;
    this.#told = this.#count;
    this.#tell(this.#count);
  }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
