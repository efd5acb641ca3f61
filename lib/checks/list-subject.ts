/** Owns whom and what DNS lists are asked about. */

import type { ListKind } from '../lists/announced-list.ts';
import { isPublicAddress } from '../lists/public-address.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import type { AtRcpt, Session, Stage } from '../mail/session.ts';

export type ListSubject = 'client' | 'client_name' | 'reverse_client' | 'helo' | 'sender' | 'recipient';

export const SUBJECT_STAGES: Readonly<Record<ListSubject, Stage>> = {
  client: 'connect',
  client_name: 'connect',
  reverse_client: 'connect',
  helo: 'helo',
  sender: 'mail',
  recipient: 'rcpt',
};

/** By which proof a list may be believed of it. Of an address that no list is asked about, none more than the usual. */
export function proofKind({ client: { address } }: Session, subject: ListSubject): ListKind {
  if (subject !== 'client') return 'name';
  return address !== null && address.family === 'ipv6' && isPublicAddress(address) ? 'ipv6' : 'address';
}

/** The domain to ask about; null: there is none. Of `client` the address is asked. */
export function domainOf(session: Session, subject: Exclude<ListSubject, 'client'>): string | null {
  const { client, helo, sender, recipient }: Partial<AtRcpt> & Session = session;
  switch (subject) {
    case 'client_name':
      return client.name;
    case 'reverse_client':
      return client.ptr;
    case 'helo':
      return helo ?? null;
    case 'sender':
      return sender?.domain ?? null;
    case 'recipient':
      return recipient?.domain ?? null;
  }
}

/** What Postfix's replies call it (`$rbl_what`): the address of a client, the whole address of a sender. */
export function subjectName(session: Session, subject: ListSubject): string {
  switch (subject) {
    case 'client':
      return session.client.address?.text ?? 'unknown';
    case 'sender':
      return writtenMailbox(session.sender ?? null);
    case 'recipient':
      return writtenMailbox(session.recipient ?? null);
    default:
      return domainOf(session, subject) ?? '';
  }
}
