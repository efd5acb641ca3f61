/** Owns the check whether a message from `<>` goes to several: `reject_multi_recipient_bounce`. */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

/**
 * A real bounce goes to the one who sent the message. To be asked at DATA, when all recipients are known: callouts
 * that try several in a session never come so far.
 */
export const multiRecipientBounce: Check<'rcpt', 'several' | 'no'> = {
  id: 'multi_recipient_bounce',
  stage: 'rcpt',
  results: ['several', 'no'],
  run: ({ sender, recipients }) =>
    sender === null && recipients > 1 ? found('several', { recipients: String(recipients) }) : found('no'),
};
