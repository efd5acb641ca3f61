/** Owns the check whether the HELO is neither a host name nor an address: `reject_invalid_helo_hostname`. */

import { isAddressLiteral, isHostAddress, isHostname, withoutRootDot } from '../mail/domain.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

/** A bare address (`HELO 192.0.2.1`) passes, as in Postfix; so does no HELO at all, which `missing_helo` sees. */
export const invalidHeloHostname: Check<'helo', 'ok' | 'invalid_name' | 'invalid_address'> = {
  id: 'invalid_helo_hostname',
  stage: 'helo',
  results: ['ok', 'invalid_name', 'invalid_address'],
  run({ helo }) {
    if (helo === null) return found('ok');
    if (helo.startsWith('[')) return found(isAddressLiteral(helo) ? 'ok' : 'invalid_address', { helo });
    const name = withoutRootDot(helo);
    return found(isHostname(name) || isHostAddress(name) ? 'ok' : 'invalid_name', { helo });
  },
};
