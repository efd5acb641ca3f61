/** Owns the check whether the client's PTR name looks like one of many lines: `reject_generic_reverse_client_hostname`. */

import type { Check } from '../policy/check.ts';
import { found } from '../policy/finding.ts';
import { NOT_KNOWN } from './client-name.ts';
import { nameKind } from './generic-name.ts';
import type { NameKind } from './generic-name.ts';

export const GENERIC_NAME = 'generic_reverse_client_hostname';

/** No PTR name is not a generic one: `unknown_reverse_client_hostname` sees that. */
export const genericReverseClientHostname: Check<'connect', NameKind | 'none'> = {
  id: GENERIC_NAME,
  stage: 'connect',
  results: ['pool', 'address', 'static', 'named', 'none'],
  run({ client }) {
    const address = client.address?.text ?? 'unknown';
    const ptr = client.ptr ?? client.name;
    if (ptr === null)
      return found('none', { address, ...(client.resolve === null ? { name: NOT_KNOWN } : {}) });
    return found(nameKind(ptr, client.address), { address, ptr });
  },
};
