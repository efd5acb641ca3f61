/** Owns Orphans: the lookups that nobody waits for any more, and that go on for who asks next. */

/** Of one lane. Whoever makes names up asks for none of them twice; beyond these, what began first is given up. */
const MOST = 100;

export class Orphans {
  readonly #all = new Set<AbortController>();

  /** Aborts the oldest if there are too many. */
  add(lookup: AbortController): void {
    this.#all.add(lookup);
    if (this.#all.size <= MOST) return;
    const [oldest] = this.#all;
    this.#all.delete(oldest!);
    oldest!.abort();
  }

  /** It has ended, or somebody waits again. */
  delete(lookup: AbortController): void {
    this.#all.delete(lookup);
  }
}
