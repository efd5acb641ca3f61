/** Owns Overlaps: how often what one list lists is listed by another too, over the last subjects that were asked about. */

/** A few hundred bytes each. */
const MOST_SUBJECTS = 10_000;

/** Longer than any name of the DNS. */
const LONGEST_SUBJECT = 255;

/** Of those that `of` listed and the other was asked about too, `both` listed so many. */
interface Pair {
  of: number;
  both: number;
}

export interface Overlap {
  /** What this list listed, and the other was asked about as well. */
  readonly of: number;
  /** How much of that the other listed too. */
  readonly both: number;
}

/** One bit for each list. */
interface Seen {
  asked: bigint;
  listed: bigint;
}

/** Lists are small numbers here, each its own bit. */
export class Overlaps {
  readonly #mostSubjects: number;
  /** In the order of their last use. */
  readonly #subjects = new Map<string, Seen>();
  readonly #pairs = new Map<number, Map<number, Pair>>();

  constructor(mostSubjects = MOST_SUBJECTS) {
    this.#mostSubjects = mostSubjects;
  }

  /** A subject counts once for each list while it is remembered. */
  add(list: number, subject: string, listed: boolean): void {
    const seen = this.#seen(subject.slice(0, LONGEST_SUBJECT));
    const bit = 1n << BigInt(list);
    if ((seen.asked & bit) !== 0n) return;
    for (let other = 0, rest = seen.asked; rest !== 0n; other++, rest >>= 1n) {
      if ((rest & 1n) === 0n) continue;
      const otherListed = (seen.listed & (1n << BigInt(other))) !== 0n;
      if (listed) count(this.#pair(list, other), otherListed);
      if (otherListed) count(this.#pair(other, list), listed);
    }
    seen.asked |= bit;
    if (listed) seen.listed |= bit;
  }

  between(list: number, other: number): Overlap {
    return this.#pairs.get(list)?.get(other) ?? { of: 0, both: 0 };
  }

  /** Its number may be another list's from now on. */
  forget(list: number): void {
    this.#subjects.clear();
    this.#pairs.delete(list);
    for (const pairs of this.#pairs.values()) pairs.delete(list);
  }

  #seen(subject: string): Seen {
    const seen = this.#subjects.get(subject) ?? { asked: 0n, listed: 0n };
    this.#subjects.delete(subject);
    this.#subjects.set(subject, seen);
    if (this.#subjects.size > this.#mostSubjects) {
      const [oldest] = this.#subjects.keys();
      this.#subjects.delete(oldest!);
    }
    return seen;
  }

  #pair(list: number, other: number): Pair {
    const pairs = this.#pairs.get(list) ?? new Map<number, Pair>();
    this.#pairs.set(list, pairs);
    const pair = pairs.get(other) ?? { of: 0, both: 0 };
    pairs.set(other, pair);
    return pair;
  }
}

function count(pair: Pair, both: boolean): void {
  pair.of++;
  if (both) pair.both++;
}
