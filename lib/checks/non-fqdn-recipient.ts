/** Owns the check whether the recipient's domain is missing or not fully qualified: `reject_non_fqdn_recipient`. */

import { hasFullyQualifiedDomain } from '../mail/domain.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

/** Everyone must take mail for the bare `postmaster` (RFC 5321 §4.5.1). */
export const nonFqdnRecipient: Check<'rcpt', 'ok' | 'not_fqdn'> = {
  id: 'non_fqdn_recipient',
  stage: 'rcpt',
  results: ['ok', 'not_fqdn'],
  run({ recipient }) {
    const postmaster = recipient.domain === null && recipient.local.toLowerCase() === 'postmaster';
    const ok = postmaster || hasFullyQualifiedDomain(recipient);
    return found(ok ? 'ok' : 'not_fqdn', { recipient: writtenMailbox(recipient) });
  },
};
