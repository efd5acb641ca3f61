/** Owns chance: numbers that look drawn by lot and are the same in every run, whoever asks for them and in what order. */

import { scrambled } from '../identity.ts';

/** Of one seed. Every draw is named by whole numbers, so that no draw moves another. */
export class Chance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = scrambled(Math.imul(seed, 0x9e3779b1) ^ 0x7f4a7c15);
  }

  /** At least 0, below 1. */
  share(...name: readonly number[]): number {
    let mixed = this.#seed;
    for (const part of name) mixed = scrambled(Math.imul(mixed, 0x01000193) ^ scrambled(part + 0x51ed270b));
    return mixed / 2 ** 32;
  }

  /** At least `least`, below `most`. */
  between(least: number, most: number, ...name: readonly number[]): number {
    return least + this.share(...name) * (most - least);
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number, ...name: readonly number[]): number {
    return least + Math.floor(this.share(...name) * (most - least + 1));
  }
}
