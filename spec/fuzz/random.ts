/** Owns Random: chance that can be played again from its seed. */

/** Numerical Recipes' generator. */
export class Random {
  #state: number;

  /** The `n`th of the generators that one seed gives: each begins far from the others. */
  constructor(seed: number, n = 0) {
    this.#state = Math.imul(seed + n, 0x9e3779b1) >>> 0;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Any octets but NUL, as a byte string. */
  octets(length: number): string {
    return this.bytes(length).toString('latin1').replaceAll('\0', '0');
  }

  /** Shorter than that; once in a while as long as a hostile client can make it. */
  text(shorterThan: number): string {
    return this.octets(this.oneIn(300) ? 20_000 : this.below(shorterThan));
  }
}
