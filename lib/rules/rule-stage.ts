/** Owns when each rule is decided: the stage whose facts it needs, and the one at which it may refuse. */

import { isKnownAt, laterOf, type Stage } from '../mail/session.ts';
import type { ListName } from './rule-lists.ts';

/** The stage of Postfix's lists; the one list is as its recipient list. */
export const LIST_STAGES: Readonly<Record<ListName, Stage>> = {
  client: 'connect',
  helo: 'helo',
  sender: 'mail',
  relay: 'rcpt',
  recipient: 'rcpt',
};

/**
 * `needs`: the stage that knows what the rule asks; null: it holds always. With smtpd_delay_reject = no Postfix asks a
 * list at its own stage whatever is in it; in the one list the facts tell, and what holds always is for RCPT.
 */
export function decidedAt(
  needs: Stage | null,
  list: ListName | null,
  wanted: { readonly at: Stage | null; readonly decideAt: Stage },
): Stage {
  const facts = needs ?? 'connect';
  if (wanted.at !== null) return laterOf(wanted.at, facts);
  const earliest = list === null ? (needs ?? 'rcpt') : laterOf(facts, LIST_STAGES[list]);
  return isKnownAt(earliest, wanted.decideAt) ? wanted.decideAt : 'rcpt';
}
