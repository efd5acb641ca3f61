/** Owns the check that stands for what this version can't find out yet: nobody can tell. */

import type { Check } from '../policy/check.ts';
import { temperror } from '../policy/finding.ts';

export const notActive: Check<'rcpt', never> = {
  id: 'not_active',
  stage: 'rcpt',
  results: [],
  run: () => temperror('not in this version yet'),
};
