/** Owns the networks that are shown as one: those side by side that were allowed together. */

import type { Subject } from '../greylist/triplet.ts';
import { networkOf, parseNetwork, type Network } from '../mail/network.ts';

/** `subject`: the first of them; `value`: of all, `198.51.0.0/16 as 256 networks of /24`. */
export interface Block<S extends Subject> {
  readonly subject: S;
  readonly value: string;
}

interface Part<S> {
  readonly subject: S;
  /** Null: it is a domain. */
  readonly network: Network | null;
  readonly count: number;
}

/** In the order that they have; those side by side have to follow each other. `together`: whether two may be one. */
export function blocksOf<S extends Subject>(
  subjects: readonly S[],
  together: (one: S, other: S) => boolean = () => true,
): Block<S>[] {
  const parts: Part<S>[] = [];
  for (const subject of subjects) {
    let last: Part<S> = { subject, network: networkIn(subject), count: 1 };
    for (;;) {
      const before = parts.at(-1);
      const both = before === undefined ? null : joined(before, last, together);
      if (both === null) break;
      parts.pop();
      last = both;
    }
    parts.push(last);
  }
  return parts.map((part) => ({ subject: part.subject, value: shown(part) }));
}

function networkIn({ kind, value }: Subject): Network | null {
  return kind === 'address' || kind === 'network' ? parseNetwork(value) : null;
}

/** Null: they are not the two halves of one network. */
function joined<S extends Subject>(
  one: Part<S>,
  other: Part<S>,
  together: (one: S, other: S) => boolean,
): Part<S> | null {
  const { subject, network, count } = one;
  if (network === null || other.network === null || subject.kind !== other.subject.kind) return null;
  if (network.prefix !== other.network.prefix || count !== other.count) return null;
  const prefix = network.prefix - 1;
  if (prefix < 0 || network.address.family !== other.network.address.family) return null;
  if (network.address.text === other.network.address.text) return null;
  if (networkOf(network.address, prefix) !== networkOf(other.network.address, prefix)) return null;
  return together(subject, other.subject)
    ? { subject, network: { ...network, prefix }, count: 2 * count }
    : null;
}

function shown({ subject, network, count }: Part<Subject>): string {
  if (network === null || count === 1) return subject.value;
  const each = network.prefix + Math.log2(count);
  const parts = each === 32 ? 'addresses' : `networks of /${each}`;
  return `${networkOf(network.address, network.prefix)} as ${count} ${parts}`;
}
