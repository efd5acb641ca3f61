/** Owns the check whether the client's address has no PTR name: `reject_unknown_reverse_client_hostname`. */

import type { Check } from '../policy/check.ts';
import { clientName } from './client-name.ts';

/** Told by the MTA's own lookup: no question of ours. A forged name is one: it only does not lead back. */
export const unknownReverseClientHostname: Check<'connect', 'ok' | 'unknown'> = {
  id: 'unknown_reverse_client_hostname',
  stage: 'connect',
  results: ['ok', 'unknown'],
  run: ({ client }) => clientName(client, client.ptr ?? client.name, client.resolve === 'forged'),
};
