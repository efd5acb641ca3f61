/**
 * Owns the check whether the client has no forward-confirmed name (no PTR, a PTR without address, or one with another
 * address): `reject_unknown_client_hostname`.
 */

import type { Check } from '../policy/check.ts';
import { clientName } from './client-name.ts';

/** Told by the MTA's own lookup: no question of ours. */
export const unknownClientHostname: Check<'connect', 'ok' | 'unknown'> = {
  id: 'unknown_client_hostname',
  stage: 'connect',
  results: ['ok', 'unknown'],
  run: ({ client }) => clientName(client, client.name),
};
