/** Owns the decisions about all recipients of a message at once, and the one answer that they come to. */

import { formatMailbox } from '../mail/mailbox.ts';
import { Scope } from '../policy/scope.ts';
import type { Decision } from '../policy/verdict.ts';
import type { Message, Recipient } from './envelope.ts';

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

/** Whose refusal holds for all. A reject outweighs a tempfail; of several tempfails the one that asks for the longest wait is given. */
export function refusalAmong(decisions: readonly Decision[]): number | null {
  let worst: number | null = null;
  for (const [i, { verdict, waitSeconds = 0 }] of decisions.entries()) {
    if (verdict.action === 'reject') return i;
    if (verdict.action !== 'tempfail') continue;
    if (worst === null || waitSeconds > (decisions[worst]!.waitSeconds ?? 0)) worst = i;
  }
  return worst;
}

/** What becomes of one recipient where the message is refused: what `other` was refused for, unless he is refused likewise. */
export function refusedWith(own: Decision, refusal: Decision, other: Recipient): Decision {
  if (own.verdict.action === refusal.verdict.action) return own;
  const { verdict, rule, waitSeconds } = refusal;
  const reason = `with <${formatMailbox(other.session.recipient)}>: ${refusal.reason}`;
  return { verdict, rule, reason, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
}

/** DATA was refused and comes again: all is decided anew, as if it had not come, and told anew. */
export function onceMore(message: Message): void {
  for (const [i, recipient] of message.recipients.entries()) {
    recipient.scope.end();
    const scope = new Scope('rcpt', message.scope);
    message.recipients[i] = { ...recipient, scope, decision: recipient.atRcpt, stage: 'rcpt', told: false };
  }
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
