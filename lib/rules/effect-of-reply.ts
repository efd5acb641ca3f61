/** Owns the effect that a reply has: its class tells a rejection from a deferral. */

import type { Reply } from '../mail/reply.ts';
import type { Effect } from '../policy/verdict.ts';

export type AnyReply = Reply<4> | Reply<5>;

export function refusing(reply: AnyReply): Effect {
  return isTemporary(reply) ? { action: 'tempfail', reply } : { action: 'reject', reply };
}

/** Throws RangeError for a 5xx: those that defer are read and made as 4xx. */
export function deferring(action: 'defer_if_permit' | 'defer_if_reject', reply: AnyReply): Effect {
  if (!isTemporary(reply)) throw new RangeError(`${action} with ${reply.code}`);
  return { action, reply };
}

function isTemporary(reply: AnyReply): reply is Reply<4> {
  return reply.code < 500;
}
