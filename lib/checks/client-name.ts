/** Owns the answer to whether a client has a name of some kind, from what the MTA said of its own lookup. */

import type { Client } from '../mail/session.ts';
import type { Finding } from '../policy/finding.ts';

/** The fact `name` of a client whose name nobody has looked up, such as the host before a relay. */
export const NOT_KNOWN = 'not known';

/**
 * `name`: the one that counts, null if the MTA gave none; `exists`: there is one all the same. Facts: `address`
 * (`unknown` as in Postfix) and `ptr`.
 */
export function clientName(client: Client, name: string | null, exists = false): Finding<'ok' | 'unknown'> {
  const facts: Record<string, string> = { address: client.address?.text ?? 'unknown' };
  if (client.ptr !== null) facts['ptr'] = client.ptr;
  // Postfix calls a program on its own machine localhost, with a good name.
  if (name !== null || exists || client.submitted) return { result: 'ok', facts };
  switch (client.resolve) {
    case 'temp':
      return {
        result: 'temperror',
        facts: { ...facts, why: "the MTA's lookup of the client's name failed" },
      };
    case null:
      // The MTA does not look names up: a 4xx for everybody, for ever, would be our own fault.
      return { result: 'ok', facts: { ...facts, name: NOT_KNOWN } };
    case 'ok':
    case 'fail':
    case 'forged':
      return { result: 'unknown', facts };
  }
}
