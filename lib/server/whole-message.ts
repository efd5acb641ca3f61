/** Owns the decisions about all recipients of a message at once, and the one answer that they come to. */

import type { Answer } from '../milter/filter.ts';
import type { Decision } from '../policy/verdict.ts';
import { rcptAnswer } from './answer.ts';
import type { Recipient } from './envelope.ts';

type DecideOne = (recipient: Recipient) => Decision | Promise<Decision>;

/** Calls `settle` at once if nothing has to be waited for. */
export function decideAll<R>(
  recipients: readonly Recipient[],
  decideOne: DecideOne,
  settle: (decided: readonly Decision[]) => R,
): R | Promise<R> {
  if (recipients.length > MOST_AT_ONCE) return inTurns(recipients, decideOne).then(settle);
  return whenAll(recipients.map(decideOne), settle);
}

/** Of one message: thousands of questions at once would make those of all others wait behind them. */
const MOST_AT_ONCE = 100;

async function inTurns(
  recipients: readonly Recipient[],
  decideOne: (recipient: Recipient) => Decision | Promise<Decision>,
): Promise<Decision[]> {
  const decided: Decision[] = [];
  for (let from = 0; from < recipients.length; from += MOST_AT_ONCE) {
    const some = recipients.slice(from, from + MOST_AT_ONCE);
    decided.push(...(await Promise.all(some.map(async (each) => decideOne(each)))));
  }
  return decided;
}

/** Calls `settle` at once if nothing has to be waited for. */
function whenAll<R>(
  decisions: readonly (Decision | Promise<Decision>)[],
  settle: (decided: readonly Decision[]) => R,
): R | Promise<R> {
  const decided: Decision[] = [];
  for (const decision of decisions) {
    if (decision instanceof Promise) return Promise.all(decisions.map(async (each) => each)).then(settle);
    decided.push(decision);
  }
  return settle(decided);
}

/** A reject outweighs a tempfail; of several tempfails the one that asks for the longest wait is given. */
export function messageAnswer(decisions: readonly Decision[]): Answer {
  let worst: Decision | null = null;
  for (const decision of decisions) {
    if (decision.verdict.action === 'reject') return decision.verdict.reply;
    if (decision.verdict.action !== 'tempfail') continue;
    if (worst === null || (decision.waitSeconds ?? 0) > (worst.waitSeconds ?? 0)) worst = decision;
  }
  return worst === null ? 'continue' : rcptAnswer(worst.verdict);
}

export function longestDelay(recipients: readonly Recipient[]): number {
  return recipients.reduce((longest, { decision }) => Math.max(longest, decision.delayedSeconds ?? 0), 0);
}

/** Of the later one, with what was noted for the log at the earlier too. */
export function withNotesOf(earlier: Decision, later: Decision): Decision {
  const notes = [...(earlier.notes ?? []), ...(later.notes ?? [])];
  const tags = [...new Set([...(earlier.tags ?? []), ...(later.tags ?? [])])];
  return {
    ...later,
    ...(notes.length === 0 ? {} : { notes }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}
