/** Owns what is to be said of the name in our headers: filters behind us trust those that have the MTA's own. */

import { note, ok, warning, type Diagnosis } from './diagnosis.ts';
import type { PostfixSettings } from './postfix-settings.ts';

/** `authservId`: null where the MTA's own name is taken. */
export function ofName({ get }: PostfixSettings, authservId: string | null, configFile: string): Diagnosis[] {
  if (authservId === null) return [ok("headers have the MTA's own name (no authserv_id)")];
  const name = get('myhostname');
  if (name === null) return [note(`whether authserv_id ${authservId} is the name of the MTA can't be told`)];
  const [ours, its] = [authservId.toLowerCase(), name.toLowerCase()];
  if (ours === its) return [ok(`authserv_id is myhostname, ${name}`)];
  // RFC 8601 §2.5: the name of the whole domain is as good, for whoever is told of it.
  if (its.endsWith(`.${ours}`))
    return [
      note(
        `authserv_id is ${authservId} and myhostname ${name}: tell the filters behind to trust ${authservId}`,
      ),
    ];
  return [
    warning(
      `authserv_id is ${authservId}, but myhostname is ${name}: filters behind do not take our headers for this machine's`,
      `in ${configFile} take out the line authserv_id, or write: authserv_id: ${name}`,
      'postern reload',
    ),
  ];
}
