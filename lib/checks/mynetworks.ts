/** Owns the check whether the client lies in `mynetworks`, or is this machine itself. */

import type { NetworkSet } from '../mail/network.ts';
import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const MYNETWORKS = 'mynetworks';

export function mynetworks(networks: NetworkSet): Check<'connect', 'yes' | 'no'> {
  return {
    id: MYNETWORKS,
    stage: 'connect',
    results: ['yes', 'no'],
    run: ({ client }) => found(networks.has(client.address) ? 'yes' : 'no'),
  };
}
