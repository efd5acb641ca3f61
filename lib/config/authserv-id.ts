/** Owns the key `authserv_id`: the name under which our results stand in headers. */

import { isHost } from './host.ts';
import { shown } from '../yaml/problem.ts';
import { nullable, textual } from '../yaml/value.ts';

/** A host name, for whoever reads the headers compares it (RFC 8601 §2.5); null: the MTA's own name. */
export const authservId = nullable(
  textual({ type: 'string' }, 'mx.example.com', (text, place) => {
    if (isHost(text)) return text;
    return place.error(
      `"${shown(text)}" is not a host name`,
      'write one such as mx.example.com, or null for the name of the MTA',
    );
  }),
);
