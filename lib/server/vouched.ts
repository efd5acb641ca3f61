/** Owns asking SPF about a message that was refused before anybody asked: whose standing goes with its client's. */

import { spfId } from '../checks/spf.ts';
import type { AtRcpt } from '../mail/session.ts';
import type { Driving } from '../policy/asking.ts';
import type { decide } from '../policy/driver.ts';
import { is, type Findings, type Rule } from '../policy/rule.ts';
import { Scope } from '../policy/scope.ts';

const ASKS: Rule = {
  word: 'spf',
  when: is(spfId('mailfrom'), 'pass'),
  may: [],
  outcome: () => ({ effect: { action: 'continue' }, reason: 'asked' }),
};

/** In a scope of its own: that of the message may be at its end by now, and what was begun there given up. */
export async function vouchedFor(
  session: AtRcpt,
  scope: Scope,
  driving: Driving,
  decideBy: typeof decide,
): Promise<Findings> {
  const anew = new Scope('rcpt', new Scope('mail', scope.of('helo')));
  await decideBy([[ASKS]], session, anew, driving);
  return anew;
}
