/** Owns the checks that look a client, name or address up in a table: Postfix's `check_*_access`. */

import type { SessionAt, Stage } from '../mail/session.ts';
import type { AnyCheck, Check } from '../policy/check.ts';
import { found, temperror } from '../policy/finding.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import { accessByClient, accessByDomain, accessByMailbox, type MailboxSearch } from '../tables/access.ts';
import type { Found, Table } from '../tables/table.ts';

export type AccessWord =
  | 'check_client_access'
  | 'check_reverse_client_hostname_access'
  | 'check_helo_access'
  | 'check_sender_access'
  | 'check_recipient_access';

const NOTHING: Found<string> = { kind: 'none' };

export function accessId(word: AccessWord, table: string): CheckId {
  return `${word} ${table}`;
}

/**
 * The words differ in when their key is known and in how it is searched for. `found` carries the facts `result` (the
 * right-hand side), `key` (what matched) and `line`.
 */
export function tableAccess(word: AccessWord, table: Table<string>, search: MailboxSearch = {}): AnyCheck {
  const id = accessId(word, table.name);
  switch (word) {
    case 'check_client_access':
      return check(id, 'connect', ({ client }) => accessByClient(table, client, search));
    case 'check_reverse_client_hostname_access':
      return check(id, 'connect', ({ client }) =>
        accessByClient(table, { ...client, name: client.ptr }, search),
      );
    case 'check_helo_access':
      return check(id, 'helo', ({ helo }) => (helo === null ? NOTHING : accessByDomain(table, helo, search)));
    case 'check_sender_access':
      return check(id, 'mail', ({ sender }) => accessByMailbox(table, sender, search));
    case 'check_recipient_access':
      return check(id, 'rcpt', ({ recipient }) => accessByMailbox(table, recipient, search));
  }
}

function check<S extends Stage>(
  id: CheckId,
  stage: S,
  search: (session: SessionAt[S]) => Found<string> | Promise<Found<string>>,
): Check<S> {
  return {
    id,
    stage,
    results: ['found', 'none'],
    run(session): Finding | Promise<Finding> {
      const answer = search(session);
      return answer instanceof Promise ? answer.then(findingOf) : findingOf(answer);
    },
  };
}

function findingOf(answer: Found<string>): Finding {
  switch (answer.kind) {
    case 'none':
      return found('none');
    case 'temperror':
      return temperror(answer.why);
    case 'found':
      return found('found', { result: answer.value, key: answer.key, line: String(answer.line) });
  }
}
