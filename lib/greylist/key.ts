/** Owns Key: the 16 bytes under which a store finds one origin, sender and recipient. */

import { hash } from 'node:crypto';
import type { Attempt, Origin, Subject } from './triplet.ts';

/** The first 16 bytes of a SHA-256. */
export type Key = Uint8Array<ArrayBuffer>;

/** The lengths stand in front, so no choice of texts can make two triplets one: {kind}:{length}:{length}:{texts}. */
export function keyOf(origin: Origin, sender: string, recipient: string): Key {
  const text = `${origin.kind}:${origin.value.length}:${sender.length}:${origin.value}${sender}${recipient}`;
  return digest(text);
}

/** One key per origin, in their order. Throws RangeError if there is no origin: that is a bug in the caller. */
export function keysOf({ origins, sender, recipient }: Attempt): Key[] {
  if (origins.length === 0) throw new RangeError('an attempt needs at least one origin');
  return origins.map((origin) => keyOf(origin, sender, recipient));
}

/** Of a sender and recipient wherever the mail comes from. No kind of origin is called so, and so below. */
export function pairKey({ sender, recipient }: Pick<Attempt, 'sender' | 'recipient'>): Key {
  return digest(`pair:${sender.length}:${sender}${recipient}`);
}

/** Of a correspondent who may answer: the sender and recipient of his answer. */
export function answerKey({ sender, recipient }: Pick<Attempt, 'sender' | 'recipient'>): Key {
  return digest(`answer:${sender.length}:${sender}${recipient}`);
}

export function standingKey({ kind, value }: Subject): Key {
  return digest(`standing:${kind}:${value}`);
}

function digest(text: string): Key {
  return hash('sha256', text, 'buffer').subarray(0, 16);
}
