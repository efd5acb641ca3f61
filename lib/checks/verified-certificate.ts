/** Owns the check whether the client has shown a certificate that the MTA could verify: `permit_tls_all_clientcerts`. */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';

export const verifiedCertificate: Check<'helo', 'yes' | 'no'> = {
  id: 'verified_certificate',
  stage: 'helo',
  results: ['yes', 'no'],
  run({ tls }) {
    const subject = tls?.verifiedSubject ?? null;
    return subject === null ? found('no') : found('yes', { subject });
  },
};
