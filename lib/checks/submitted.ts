/** Owns the check whether the mail came by a program on this machine and not over SMTP. */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const submitted: Check<'connect', 'yes' | 'no'> = {
  id: 'submitted',
  stage: 'connect',
  results: ['yes', 'no'],
  run: ({ client }) => found(client.submitted ? 'yes' : 'no'),
};
