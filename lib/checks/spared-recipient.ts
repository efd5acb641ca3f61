/** Owns the check whether the recipient must be reachable whatever the filter thinks (RFC 5321 §4.5.1, RFC 2142). */

import { unquotedLocal } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

/** `localParts` in lower case. An address extension (`postmaster+x`) is not the address that RFC 5321 speaks of. */
export function sparedRecipient(localParts: readonly string[]): Check<'rcpt', 'yes' | 'no'> {
  const spared = new Set(localParts);
  return {
    id: 'spared_recipient',
    stage: 'rcpt',
    results: ['yes', 'no'],
    run: ({ recipient }) => found(spared.has(unquotedLocal(recipient).toLowerCase()) ? 'yes' : 'no'),
  };
}
