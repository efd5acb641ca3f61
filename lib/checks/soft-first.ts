/** Owns the check whether a client has been refused by a rule before, long enough ago: `soft_first`. */

import type { Judgement } from '../greylist/judge.ts';
import { StoreError } from '../greylist/store.ts';
import { SOFT_FIRST } from '../greylist/triplet.ts';
import { networkOf } from '../mail/network.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror } from '../policy/finding.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Greylisting } from './greylist.ts';

/** A refusal that still holds after this is meant. */
const HOLDS_AFTER_MS = 30 * 60_000;

export function softFirstId(rule: string): CheckId {
  return `soft_first ${rule}`;
}

/**
 * Kept in the greylist's store, as a triplet of the client itself, `soft_first` and the rule, so that what a client was
 * told survives a restart. It leaves a trace: asked only where the rule would refuse.
 */
export function softFirst(rule: string, on: Greylisting): Check<'connect', 'first' | 'again'> {
  return {
    id: softFirstId(rule),
    stage: 'connect',
    leavesTrace: true,
    results: ['first', 'again'],
    run({ client: { address } }) {
      if (address === null) return temperror('the MTA gave no client address');
      const origin = {
        kind: 'network',
        value: networkOf(address, address.family === 'ipv4' ? 32 : 128),
      } as const;
      return on.store
        .judge({ origins: [origin], sender: SOFT_FIRST, recipient: rule.slice(0, 200) }, on.now(), {
          ...on.timings,
          delayMs: HOLDS_AFTER_MS,
          windowMs: Math.max(on.timings.windowMs, 4 * HOLDS_AFTER_MS),
        })
        .then(findingOf, storeFailed);
    },
  };
}

function findingOf({ outcome }: Judgement): ReturnType<typeof found<'first' | 'again'>> {
  return found(outcome === 'new' || outcome === 'early' ? 'first' : 'again');
}

function storeFailed(error: unknown): ReturnType<typeof temperror> {
  if (error instanceof StoreError) return temperror(error.message);
  throw error;
}
