/** Owns the check whether the HELO is no fully qualified name and no address literal: `reject_non_fqdn_helo_hostname`. */

import { isAddressLiteral, isFullyQualified } from '../mail/domain.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

/** A bare address (`HELO 192.0.2.1`) is no name, and lacks the brackets of a literal: `not_fqdn`, as in Postfix. */
export const nonFqdnHeloHostname: Check<'helo', 'ok' | 'not_fqdn' | 'invalid_address'> = {
  id: 'non_fqdn_helo_hostname',
  stage: 'helo',
  results: ['ok', 'not_fqdn', 'invalid_address'],
  run({ helo }) {
    if (helo === null) return found('ok');
    if (helo.startsWith('[')) return found(isAddressLiteral(helo) ? 'ok' : 'invalid_address', { helo });
    return found(isFullyQualified(helo) ? 'ok' : 'not_fqdn', { helo });
  },
};
