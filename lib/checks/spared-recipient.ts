/** Owns the check whether the recipient must be reachable whatever the filter thinks (RFC 5321 §4.5.1, RFC 2142). */

import { unquotedLocal } from '../mail/mailbox.ts';
import type { Check } from '../policy/check.ts';
import { found, temperror, type Finding } from '../policy/finding.ts';
import type { LocalDomains } from './local-domains.ts';

/**
 * `localParts` in lower case; at any domain if `domains` is null. A bare `postmaster` is ours wherever it goes. An
 * address extension (`postmaster+x`) is not the address that RFC 5321 speaks of.
 */
export function sparedRecipient(
  localParts: readonly string[],
  domains: LocalDomains | null = null,
): Check<'rcpt', 'yes' | 'no'> {
  const spared = new Set(localParts);
  return {
    id: 'spared_recipient',
    stage: 'rcpt',
    results: ['yes', 'no'],
    run({ recipient }) {
      if (!spared.has(unquotedLocal(recipient).toLowerCase())) return NO;
      // An MTA gives a bare name its own domain.
      const bare = (recipient.said ?? recipient).domain === null;
      if (bare || recipient.domain === null || domains === null) return YES;
      const local = domains(recipient.domain);
      return local instanceof Promise ? local.then(findingOf) : findingOf(local);
    },
  };
}

const YES = found('yes');
const NO = found('no');

function findingOf(local: boolean | 'temperror'): Finding<'yes' | 'no'> {
  return local === 'temperror' ? temperror('the table of local domains could not tell') : local ? YES : NO;
}
