/** Owns the check whether the client has logged in with SASL. */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const authenticated: Check<'mail', 'yes' | 'no'> = {
  id: 'sasl_authenticated',
  stage: 'mail',
  results: ['yes', 'no'],
  run: ({ auth }) => (auth === null ? found('no') : found('yes', { user: auth })),
};
