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
  grounded(identity: Identity, ip: Address, signal: AbortSignal): Promise<Grounded>;
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

  known(question: SpfQuestion): SpfFound | null {
    const identity = identityOf(question);
    return identity === null ? NOTHING_TO_ASK : this.#kept({ identity, ip: question.ip });
  }

  async evaluate(question: SpfQuestion, signal: AbortSignal): Promise<SpfFound> {
    const identity = identityOf(question);
    if (identity === null) return NOTHING_TO_ASK;
    const asked = { identity, ip: question.ip };
    const kept = this.#kept(asked);
    if (kept !== null) return kept;
    if (signal.aborted) return overFor(identity);
    return (await this.#shared(asked).wait(signal)) ?? overFor(identity);
  }

  #shared(asked: Asked): SharedEvaluation<SpfFound> {
    const key = keyOf(asked, asked.identity.helo, asked.identity.sender);
    const before = this.#underWay.get(key);
    if (before?.isGivenUp === false) return before;
    const shared: SharedEvaluation<SpfFound> = new SharedEvaluation(async (signal) => {
      try {
        return await this.#evaluate(asked, signal);
      } finally {
        // Of one that was given up, another may have taken the place.
        if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
      }
    });
    this.#underWay.set(key, shared);
    return shared;
  }

  async #evaluate(asked: Asked, signal: AbortSignal): Promise<SpfFound> {
    // What an answer's age is counted from can't be later than this.
    const begunMs = this.#now();
    const { found, validity } = await this.#evaluator.grounded(asked.identity, asked.ip, signal);
    if (!signal.aborted && found.result !== 'temperror') this.#keep(asked, found, validity, begunMs);
    return found;
  }

  /** As JSON: strings of their own, and not parts that keep whole records; and nobody can change what others are given. */
  #keep(asked: Asked, found: SpfFound, { seconds, ofHelo }: Validity, begunMs: number): void {
    const forMs = Math.min(seconds * 1000, LONGEST_MS);
    if (forMs <= 0) return;
    const key = ofHelo ? keyOf(asked, asked.identity.helo) : keyOf(asked);
    this.#recent.set(key, JSON.stringify(found), begunMs + forMs);
  }

  #kept(asked: Asked): SpfFound | null {
    const nowMs = this.#now();
    const text =
      this.#recent.get(keyOf(asked), nowMs) ?? this.#recent.get(keyOf(asked, asked.identity.helo), nowMs);
    return text === null ? null : JSON.parse(text);
  }
}

/** Not to be confused with any other, whatever is in it. */
function keyOf({ identity: { domain, receiver }, ip }: Asked, ...more: readonly string[]): string {
  return JSON.stringify([ip.text, domain, receiver, ...more]);
}

function overFor({ domain }: Identity): SpfFound {
  const why = 'the time for the evaluation is over';
  return { ...NOTHING_TO_ASK, result: 'temperror', domain, why };
}
