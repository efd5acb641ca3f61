/** Owns finding the first of many networks that an address lies in, without trying one after the other. */

import { prefixOf, type Bits, type NetworkPattern } from './network-pattern.ts';

/**
 * One map for each prefix length that occurs: at most 33 or 129 questions, however many networks there are.
 * The first network added counts, for a cidr table ends its search at the first line that matches.
 */
export class NetworkIndex<T> {
  readonly #ipv4: Lengths<T> = new Map();
  readonly #ipv6: Lengths<T> = new Map();
  #added = 0;

  add({ prefix, length }: NetworkPattern, value: T): void {
    const lengths = typeof prefix === 'bigint' ? this.#ipv6 : this.#ipv4;
    let networks = lengths.get(length);
    if (networks === undefined) lengths.set(length, (networks = new Map()));
    const order = this.#added++;
    if (!networks.has(prefix)) networks.set(prefix, { order, value });
  }

  find(bits: Bits): T | null {
    let first: Placed<T> | null = null;
    for (const [length, networks] of typeof bits === 'bigint' ? this.#ipv6 : this.#ipv4) {
      const placed = networks.get(prefixOf(bits, length));
      if (placed !== undefined && (first === null || placed.order < first.order)) first = placed;
    }
    return first === null ? null : first.value;
  }
}

interface Placed<T> {
  readonly order: number;
  readonly value: T;
}

type Lengths<T> = Map<number, Map<Bits, Placed<T>>>;
