/** Owns the check whether the client has given no HELO or EHLO (Postfix asks for one with smtpd_helo_required). */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const missingHelo: Check<'helo', 'yes' | 'no'> = {
  id: 'missing_helo',
  stage: 'helo',
  results: ['yes', 'no'],
  run: ({ helo }) => found(helo === null ? 'yes' : 'no'),
};
