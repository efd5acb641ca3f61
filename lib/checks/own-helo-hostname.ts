/** Owns the check whether a client says HELO with our own name or address: `reject_own_helo_hostname`. */

import { withoutRootDot } from '../mail/domain.ts';
import { parseAddress } from '../mail/network.ts';
import type { Address } from '../mail/network.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export interface Own {
  /** In any case. Only these very names: a host below our domain may well be another's. */
  readonly names: readonly string[];
  readonly addresses: readonly Address[];
}

/** A client that is this machine itself says so rightly: a rule lets it through before. */
export function ownHeloHostname(own: Own): Check<'helo', 'ok' | 'own_name' | 'own_address'> {
  const names = new Set(own.names.map(canonical));
  const addresses = new Set(own.addresses.map(({ text }) => text));
  return {
    id: 'own_helo_hostname',
    stage: 'helo',
    results: ['ok', 'own_name', 'own_address'],
    run({ helo }) {
      if (helo === null) return found('ok');
      if (names.has(canonical(helo))) return found('own_name', { helo });
      // `[192.0.2.1]`, `192.0.2.1`, `[IPv6:2001:db8::1]`: bots don't mind the brackets.
      const address = parseAddress(helo);
      return found(address !== null && addresses.has(address.text) ? 'own_address' : 'ok', { helo });
    },
  };
}

function canonical(name: string): string {
  return withoutRootDot(name).toLowerCase();
}
