/** Owns the check whether the client is one of the trusted relays. */

import type { NetworkSet } from '../mail/network.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const TRUSTED_RELAY = 'trusted_relay';

export function trustedRelay(relays: NetworkSet): Check<'connect', 'yes' | 'no'> {
  return {
    id: TRUSTED_RELAY,
    stage: 'connect',
    results: ['yes', 'no'],
    run: ({ client }) => found(relays.has(client.address) ? 'yes' : 'no'),
  };
}
