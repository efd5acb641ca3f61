/** Owns HitRate: whether a list suddenly lists far more than it always did. */

/** The last so many answers, against all before them. */
const RECENT = 32;

/** Before so many answers nothing is known of what is usual. */
const LEARNT = 200;

/** One in so many of what is usual is given up for each new answer: days of a small site, an hour of a large one. */
const MEMORY = 5000;

/** Standard deviations of a binomial distribution: by chance one in thirty thousand. */
const FAR = 4;

/** So few among the recent are nothing, however rare they were. */
const FEWEST = 8;

export class HitRate {
  #answers = 0;
  /** Of all answers but the recent. */
  #usual = 0;
  /** One bit each, the last first. */
  #recent = 0;

  /** Returns true where the recent answers are far beyond what is usual: a reason to look, and nothing more. */
  add(listed: boolean): boolean {
    const leaving = (this.#recent >>> (RECENT - 1)) & 1;
    this.#recent = ((this.#recent << 1) | (listed ? 1 : 0)) >>> 0;
    this.#answers++;
    if (this.#answers <= RECENT) return false;
    this.#usual += (leaving - this.#usual) / Math.min(this.#answers - RECENT, MEMORY);
    if (this.#answers < LEARNT) return false;
    const hits = bits(this.#recent);
    const deviation = Math.sqrt(RECENT * this.#usual * (1 - this.#usual));
    return hits >= FEWEST && hits - RECENT * this.#usual > FAR * deviation;
  }
}

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
