/** Owns the check that asks the greylist about a client, sender and recipient, and remembers that it did. */

import type { Attempt } from '../greylist/triplet.ts';
import type { Judgement, Timings } from '../greylist/judge.ts';
import { normaliseRecipient, normaliseSender } from '../greylist/normalise.ts';
import { StoreError } from '../greylist/store.ts';
import type { Store } from '../greylist/store.ts';
import { networkOf } from '../mail/network.ts';
import type { AtRcpt } from '../mail/session.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror } from '../policy/finding.ts';
import type { CheckId, Finding } from '../policy/finding.ts';

export interface Greylisting {
  readonly store: Pick<Store, 'judge'>;
  readonly timings: Timings;
  /** Bits of the client's address that make its network. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** `delayMs`: of a rule that has a delay of its own; null: as the `greylist:` section says. */
export function greylistId(delayMs: number | null): CheckId {
  return delayMs === null ? 'greylist' : `greylist delay=${delayMs / 1000}s`;
}

/** The delay in such an id; null: it is another check's, or has none. */
export function delayOf(id: CheckId): number | null {
  const seconds = /^greylist delay=([\d.]+)s$/.exec(id)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/**
 * `new` and `early` carry the fact `wait` (seconds), `passed` the fact `delayed` (seconds). The only check that
 * leaves a trace: a rule asks it only after all others have let the recipient come this far.
 */
export function greylist(
  on: Greylisting,
  delayMs: number | null = null,
): Check<'rcpt', Judgement['outcome']> {
  const timings = delayMs === null ? on.timings : { ...on.timings, delayMs };
  return {
    id: greylistId(delayMs),
    stage: 'rcpt',
    leavesTrace: true,
    results: ['new', 'early', 'passed', 'known'],
    run(session) {
      const attempt = attemptOf(session, on);
      if (attempt === null) return temperror('the MTA gave no client address');
      return on.store.judge(attempt, on.now(), timings).then(findingOf, storeFailed);
    },
  };
}

function findingOf(judgement: Judgement): Finding<Judgement['outcome']> {
  switch (judgement.outcome) {
    case 'new':
    case 'early':
      return found(judgement.outcome, { wait: String(judgement.waitSeconds) });
    case 'passed':
      return found('passed', { delayed: String(judgement.delayedSeconds) });
    case 'known':
      return found('known');
  }
}

function storeFailed(error: unknown): Finding<never> {
  if (error instanceof StoreError) return temperror(error.message);
  throw error;
}

function attemptOf(session: AtRcpt, on: Greylisting): Attempt | null {
  const { address } = session.client;
  if (address === null) return null;
  const network = networkOf(address, address.family === 'ipv4' ? on.ipv4Prefix : on.ipv6Prefix);
  return {
    origins: [{ kind: 'network', value: network }],
    sender: normaliseSender(session.sender),
    recipient: normaliseRecipient(session.recipient),
  };
}
