/** Owns Premise: what the readers of a file go by that may be said elsewhere, in another part of it or another file. */

/** A key for `Source.assume`; `fallback` holds where nobody has said otherwise. */
export class Premise<T> {
  readonly fallback: T;

  constructor(fallback: T) {
    this.fallback = fallback;
  }
}
