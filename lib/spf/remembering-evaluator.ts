/** Owns the SpfEvaluator that remembers: what was found for one mail is found for the next, as long as the DNS says so. */

import type { CacheBounds } from '../dns/answer-cache.ts';
import type { Address } from '../mail/network.ts';
import type { SpfEvaluator, SpfFound, SpfQuestion } from './evaluator.ts';
import type { Validity } from './grounds.ts';
import { identityOf, type Identity } from './identity.ts';
import { NOTHING_TO_ASK, type Grounded } from './mailauth-evaluator.ts';
import { Recent } from './recent.ts';
import { SharedEvaluation } from './shared-evaluation.ts';

/** What the evaluations are made by. */
export interface GroundedEvaluator {
  grounded(identity: Identity, ip: Address, over: AbortController): Promise<Grounded>;
}

export interface RememberingOptions {
  /** Milliseconds of a clock that never goes back, and goes on while the machine is suspended. */
  readonly now: () => number;
  readonly bounds?: CacheBounds;
}

/** Clients of some minutes; what there is beyond them is asked of the DNS cache again. */
const BOUNDS: CacheBounds = { entries: 20_000, bytes: 8 * 2 ** 20 };

/** Whatever the TTLs are: a domain that mends its record is believed soon. */
const LONGEST_MS = 300_000;

interface Asked {
  readonly identity: Identity;
  readonly ip: Address;
  /** Under which it is remembered: for every HELO, or for this one alone. */
  readonly key: string;
  readonly keyOfHelo: string;
}

/**
 * A result is the same for both identities, and for every sender of the domain, unless a macro says otherwise (Grounds).
 * What somebody's DNS could not tell is not remembered. Who asks what is being evaluated, sender and HELO alike, waits with
 * him who asked first, whose time it is that passes.
 */
export class RememberingEvaluator implements SpfEvaluator {
  readonly #evaluator: GroundedEvaluator;
  readonly #now: () => number;
  readonly #recent: Recent;
  readonly #underWay = new Map<string, SharedEvaluation<SpfFound>>();

  constructor(evaluator: GroundedEvaluator, { now, bounds = BOUNDS }: RememberingOptions) {
    this.#evaluator = evaluator;
    this.#now = now;
    this.#recent = new Recent(bounds);
  }

  evaluate(question: SpfQuestion, signal: AbortSignal): SpfFound | Promise<SpfFound> {
    const identity = identityOf(question);
    if (identity === null) return NOTHING_TO_ASK;
    const asked = askedOf(identity, question.ip);
    const kept = this.#kept(asked);
    if (kept !== null) return kept;
    if (signal.aborted) return overFor(identity);
    return this.#shared(asked).wait(signal, () => overFor(identity));
  }

  #shared(asked: Asked): SharedEvaluation<SpfFound> {
    const key = [asked.keyOfHelo.length, asked.keyOfHelo, asked.identity.sender].join(' ');
    const before = this.#underWay.get(key);
    if (before?.isOver === false) return before;
    const shared = new SharedEvaluation((over) => this.#evaluate(asked, key, over));
    this.#underWay.set(key, shared);
    return shared;
  }

  async #evaluate(asked: Asked, key: string, over: AbortController): Promise<SpfFound> {
    // What an answer's age is counted from can't be later than this.
    const begunMs = this.#now();
    try {
      const { found, validity } = await this.#evaluator.grounded(asked.identity, asked.ip, over);
      this.#keep(asked, found, validity, begunMs);
      return found;
    } finally {
      // Of one that was given up, another may have taken the place.
      if (this.#underWay.get(key)?.has(over) === true) this.#underWay.delete(key);
    }
  }

  /** As JSON: strings of their own, and not parts that keep whole records; and nobody can change what others are given. */
  #keep({ key, keyOfHelo }: Asked, found: SpfFound, { seconds, ofHelo }: Validity, begunMs: number): void {
    const forMs = Math.min(seconds * 1000, LONGEST_MS);
    if (forMs > 0) this.#recent.set(ofHelo ? keyOfHelo : key, JSON.stringify(found), begunMs + forMs);
  }

  #kept({ key, keyOfHelo }: Asked): SpfFound | null {
    const nowMs = this.#now();
    const text = this.#recent.get(key, nowMs) ?? this.#recent.get(keyOfHelo, nowMs);
    return text === null ? null : JSON.parse(text);
  }
}

/** There are no blanks in an address and a domain, and the length tells where the name ends: no key is like another. */
function askedOf(identity: Identity, ip: Address): Asked {
  const { domain, receiver, helo } = identity;
  const key = [ip.text, domain, receiver.length, receiver].join(' ');
  return { identity, ip, key, keyOfHelo: [key, helo].join(' ') };
}

function overFor({ domain }: Identity): SpfFound {
  const why = 'the time for the evaluation is over';
  return { ...NOTHING_TO_ASK, result: 'temperror', domain, why };
}
