/**
 * Owns the check whether the sender is one that other servers use to ask if an address exists (sender callouts,
 * Postfix's address verification, Exim's `verify = sender/callout`): they give up on a 4xx at RCPT and then refuse
 * our own users' mail, but they never get as far as DATA.
 */

import { unquotedLocal } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

const LOCAL_PARTS = new Set(['double-bounce', 'mailer-daemon', 'postmaster']);

export const calloutSender: Check<'mail', 'yes' | 'no'> = {
  id: 'callout_sender',
  stage: 'mail',
  results: ['yes', 'no'],
  run: ({ sender }) =>
    found(sender === null || LOCAL_PARTS.has(unquotedLocal(sender).toLowerCase()) ? 'yes' : 'no'),
};
