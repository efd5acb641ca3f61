/** Owns About: what a refusal speaks of, in the words that Postfix's log and replies have for it (smtpd_dsn_fix.h). */

import { LIST_CLASSES } from '../checks/postfix-replies.ts';
import { writtenMailbox } from '../mail/mailbox.ts';
import { formatClient, type Session } from '../mail/session.ts';

export type About = 'client' | 'reverse_client' | 'helo' | 'sender' | 'recipient' | 'data';

/** What Postfix's texts can hold: `name` and `class` of what is spoken of, and the facts of the session. */
export function factsOf(session: Session, about: About): Readonly<Record<string, string>> {
  const { client, helo, sender, recipient } = session;
  return {
    name: nameOf(session, about),
    class: CLASSES[about],
    address: client.address?.text ?? 'unknown',
    ptr: client.ptr ?? 'unknown',
    helo: helo ?? '',
    sender: writtenMailbox(sender ?? null),
    recipient: writtenMailbox(recipient ?? null),
  };
}

const CLASSES: Readonly<Record<About, string>> = {
  ...LIST_CLASSES,
  reverse_client: 'Unverified Client host',
};

function nameOf({ client, helo, sender, recipient }: Session, about: About): string {
  switch (about) {
    case 'client':
      return formatClient(client);
    case 'reverse_client':
      return client.ptr ?? 'unknown';
    case 'helo':
      return helo ?? '';
    case 'sender':
      return writtenMailbox(sender ?? null);
    case 'data':
      return 'DATA';
    case 'recipient':
      return writtenMailbox(recipient ?? null);
  }
}

/** What an address-specific code means of a sender and of a recipient (smtpd_dsn_fix.c), by its last digits. */
const ADDRESS_CODES: Readonly<Record<string, readonly [sender: string, recipient: string]>> = {
  1: ['1.7', '1.1'],
  2: ['1.8', '1.2'],
  3: ['1.7', '1.3'],
  4: ['1.7', '1.4'],
  5: ['1.0', '1.5'],
  6: ['1.7', '1.6'],
  7: ['1.7', '1.3'],
  8: ['1.8', '1.2'],
};

/** A code that speaks of an address of the other kind is put right, as Postfix does: `5.1.2` of a sender → `5.1.8`. */
export function statusAbout(about: About, status: string): string {
  const [, replyClass, last] = /^(\d)\.1\.(\d+)$/.exec(status) ?? [];
  if (replyClass === undefined || last === undefined) return status;
  if (about !== 'sender' && about !== 'recipient') return `${replyClass}.0.0`;
  const [sender, recipient] = ADDRESS_CODES[last] ?? ['1.0', '1.0'];
  return `${replyClass}.${about === 'sender' ? sender : recipient}`;
}
