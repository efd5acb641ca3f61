/** Owns Seldom: what would be said of the same subject again and again is said once in a while. */

/** Each is a relay of the administrator's: more are no list of hosts, but a whole network. */
const MOST_SUBJECTS = 1000;

export class Seldom {
  readonly #everyMs: number;
  readonly #now: () => number;
  readonly #said = new Map<string, number>();

  constructor(everyMs: number, now: () => number) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** Whether it is to be said now; then not again for a while. */
  isDue(subject: string): boolean {
    const now = this.#now();
    const last = this.#said.get(subject);
    // The clock may be set back.
    if (last !== undefined && Math.abs(now - last) < this.#everyMs) return false;
    if (last === undefined && this.#said.size >= MOST_SUBJECTS) this.#said.clear();
    this.#said.set(subject, now);
    return true;
  }
}
