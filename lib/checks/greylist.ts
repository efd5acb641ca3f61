/** Owns the check that asks the greylist about a client, sender and recipient, and remembers that it did. */

import type { Attempt } from '../greylist/triplet.ts';
import type { Judgement, Timings } from '../greylist/judge.ts';
import { StoreError } from '../greylist/store.ts';
import type { Store } from '../greylist/store.ts';
import type { AtRcpt } from '../mail/session.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror } from '../policy/finding.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import type { Findings } from '../policy/rule.ts';
import { GENERIC_NAME } from './generic-reverse-client-hostname.ts';
import { attemptOf, checksBefore, isWithoutSpf, type OriginSettings } from './attempt.ts';

export interface Greylisting extends OriginSettings {
  readonly store: Pick<Store, 'judge'>;
  readonly timings: Timings;
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

export const GREYLIST_KNOWN = 'greylist_known';

/**
 * Whether the triplet is known by what is known of the client already; asked before SPF is waited for, so that known
 * correspondents do not depend on the DNS. `unknown` where SPF is known as well: then `greylist` tells all at once.
 */
export function greylistKnown(on: Greylisting): Check<'rcpt', 'known' | 'unknown'> {
  return {
    id: GREYLIST_KNOWN,
    stage: 'rcpt',
    leavesTrace: true,
    results: ['known', 'unknown'],
    after: [GENERIC_NAME],
    run: (session, _signal, known) => (isWithoutSpf(on, known) ? askKnown(session, known, on) : UNKNOWN),
  };
}

const UNKNOWN = found('unknown');

async function askKnown(
  session: AtRcpt,
  known: Findings | undefined,
  on: Greylisting,
): Promise<Finding<'known' | 'unknown'>> {
  const attempt = await attemptOf(session, known, on);
  if (attempt === null) return UNKNOWN;
  try {
    const { outcome } = await on.store.judge({ ...attempt, onlyKnown: true }, on.now(), on.timings);
    return outcome === 'known' ? found('known') : UNKNOWN;
  } catch (error) {
    return storeFailed(error);
  }
}

/**
 * `new` and `early` carry the fact `wait` (seconds) and `by`, the origins, `passed` and `released` the fact `delayed` (seconds) and, if
 * it was tried from everywhere, `capped`; `allowed` says `by` whose standing. The only check that
 * leaves a trace: a rule asks it only after all others have let the recipient come this far.
 */
export function greylist(on: Greylisting, delayMs: number | null = null): Check<'rcpt', Outcome> {
  const timings = delayMs === null ? on.timings : { ...on.timings, delayMs };
  return {
    id: greylistId(delayMs),
    stage: 'rcpt',
    leavesTrace: true,
    results: ['new', 'early', 'passed', 'released', 'known', 'allowed', 'answered', 'provider'],
    after: checksBefore(on),
    run: (session, _signal, known) => ask(session, known, timings, on),
  };
}

type Outcome = Exclude<Judgement['outcome'], 'capped' | 'unseen'>;

async function ask(
  session: AtRcpt,
  known: Findings | undefined,
  timings: Timings,
  on: Greylisting,
): Promise<Finding<Outcome>> {
  const attempt = await attemptOf(session, known, on);
  if (attempt === null) return temperror('the MTA gave no client address');
  try {
    return findingOf(await on.store.judge(attempt, on.now(), timings), attempt);
  } catch (error) {
    return storeFailed(error);
  }
}

function findingOf(judgement: Judgement, { proof, origins }: Attempt): Finding<Outcome> {
  const by = origins.map(({ kind, value }) => `${kind} ${value}`).join(', ');
  switch (judgement.outcome) {
    case 'new':
    case 'early':
      return found(judgement.outcome, { wait: String(judgement.waitSeconds), by });
    case 'passed':
    case 'released':
      return found(judgement.outcome, { delayed: String(judgement.delayedSeconds), by });
    case 'capped':
      return found('passed', { delayed: String(judgement.delayedSeconds), by, capped: 'yes' });
    case 'known':
    case 'answered':
      return found(judgement.outcome);
    case 'unseen':
      throw new Error('a judgement for somebody who asks for what is known alone');
    case 'provider':
      return found('provider', { provider: proof?.provider ?? '' });
    case 'allowed': {
      const subject = proof!.subjects[judgement.subject]!;
      return found('allowed', { by: `${subject.kind} ${subject.value}` });
    }
  }
}

function storeFailed(error: unknown): Finding<never> {
  if (error instanceof StoreError) return temperror(error.message);
  throw error;
}
