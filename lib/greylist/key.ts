/** Owns Key: the 16 bytes under which a store finds one origin, sender and recipient. */

import { hash } from 'node:crypto';
import type { Attempt, Subject } from './triplet.ts';

/**
 * Of a triplet: eight bytes of its sender and recipient, then eight of its origin, so that all keys of one pair are
 * neighbours in a table and a new triplet changes one page of it, however many origins it has. Each from a SHA-256.
 */
export type Key = Uint8Array<ArrayBuffer>;

const HALF_BYTES = 8;

/** One key per origin, in their order. Throws RangeError if there is no origin: that is a bug in the caller. */
export function keysOf({ origins, sender, recipient }: Attempt): Key[] {
  if (origins.length === 0) throw new RangeError('an attempt needs at least one origin');
  const pair = pairHalf(sender, recipient);
  return origins.map(({ kind, value }) => keyOf(pair + half(digest(`${kind}:${value}`))));
}

/** Of a sender and recipient wherever the mail comes from: the first of all their keys. */
export function pairKey({ sender, recipient }: Pick<Attempt, 'sender' | 'recipient'>): Key {
  return keyOf(pairHalf(sender, recipient) + NOWHERE);
}

const NOWHERE = '\0'.repeat(HALF_BYTES);

/** Of a correspondent who may answer: the sender and recipient of his answer. */
export function answerKey({ sender, recipient }: Pick<Attempt, 'sender' | 'recipient'>): Key {
  return keyOf(digest(`answer:${sender.length}:${sender}${recipient}`));
}

export function standingKey({ kind, value }: Subject): Key {
  return keyOf(digest(`standing:${kind}:${value}`));
}

/** As the key of a Map. */
export function nameOf(key: Key): string {
  return Buffer.from(key).toString('latin1');
}

/** The length stands in front, so no choice of texts can make two pairs one. */
function pairHalf(sender: string, recipient: string): string {
  return half(digest(`${sender.length}:${sender}${recipient}`));
}

function half(bytes: string): string {
  return bytes.slice(0, HALF_BYTES);
}

function keyOf(bytes: string): Key {
  return Buffer.from(bytes.slice(0, 2 * HALF_BYTES), 'latin1');
}

/** As a string of bytes, which Node gives four times as fast as a Buffer. */
function digest(text: string): string {
  return hash('sha256', text, 'latin1');
}
