/** Owns the check whether the HELO names no host in the DNS: `reject_unknown_helo_hostname`. */

import type { Resolver } from '../dns/resolver.ts';
import { isAddressLiteral } from '../mail/domain.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';
import { findingOf, lookUpHeloHost } from './domain-lookup.ts';
import type { HeloHost } from './domain-lookup.ts';

/** Postfix forgives no trailing dot here, nor a bare address: both are `not_found`. A literal only has to be one. */
export function unknownHeloHostname(resolver: Resolver): Check<'helo', HeloHost | 'invalid_address'> {
  return {
    id: 'unknown_helo_hostname',
    stage: 'helo',
    far: true,
    results: ['ok', 'not_found', 'malformed', 'invalid_address'],
    run({ helo }, signal) {
      if (helo === null) return found('ok');
      if (helo.startsWith('[')) return found(isAddressLiteral(helo) ? 'ok' : 'invalid_address', { helo });
      return lookUpHeloHost(resolver, helo, signal).then((lookup) => findingOf(lookup, { helo }));
    },
  };
}
