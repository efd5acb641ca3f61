/** Owns the check whether the MTA named no client address at all (milter family `U`). */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const unknownClient: Check<'connect', 'yes' | 'no'> = {
  id: 'unknown_client',
  stage: 'connect',
  results: ['yes', 'no'],
  run: ({ client }) => found(client.address === null ? 'yes' : 'no'),
};
