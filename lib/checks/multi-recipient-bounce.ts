/** Owns the question whether a message from `<>` goes to several: `reject_multi_recipient_bounce`. */

import type { Mailbox } from '../mail/mailbox.ts';

/**
 * A real bounce goes to the one who sent the message. To be asked at DATA, when all recipients are known: callouts
 * that try several in a session never come so far.
 */
export function isMultiRecipientBounce(sender: Mailbox | null, recipients: number): boolean {
  return sender === null && recipients > 1;
}
