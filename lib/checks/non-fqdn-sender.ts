/** Owns the check whether the sender's domain is missing or not fully qualified: `reject_non_fqdn_sender`. */

import { hasFullyQualifiedDomain } from '../mail/domain.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const nonFqdnSender: Check<'mail', 'ok' | 'not_fqdn'> = {
  id: 'non_fqdn_sender',
  stage: 'mail',
  results: ['ok', 'not_fqdn'],
  run({ sender }) {
    if (sender === null) return found('ok');
    return found(hasFullyQualifiedDomain(sender) ? 'ok' : 'not_fqdn', { sender: writtenMailbox(sender) });
  },
};
