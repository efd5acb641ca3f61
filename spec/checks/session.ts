/** Owns the sessions that specs show to checks, and the clients in them. */

import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { AtRcpt, Client, Tls } from '../../lib/mail/session.ts';

/** A client with a good name, but for what is given. */
export function client({
  address = '192.0.2.10',
  ...facts
}: Partial<Omit<Client, 'address'>> & { address?: string } = {}): Client {
  return {
    ptr: 'mx.example.net',
    name: 'mx.example.net',
    resolve: 'ok',
    daemon: 'smtpd',
    submitted: false,
    address: parseAddress(address),
    ...facts,
  };
}

export interface Said {
  readonly helo?: string | null;
  /** As in MAIL FROM: `<>` is the null sender. */
  readonly from?: string;
  readonly to?: string;
  readonly client?: Client;
  readonly tls?: Tls | null;
  readonly recipients?: number;
}

/** A session at RCPT: the checks of earlier stages see less of it. */
export function session({
  helo = 'mx.example.net',
  from = '<alice@example.net>',
  to = '<bob@example.org>',
  client: who = client(),
  tls = null,
  recipients = 1,
}: Said): AtRcpt {
  return {
    id: 's1',
    client: who,
    helo,
    sender: parseMailbox(from),
    tls,
    auth: null,
    size: null,
    recipients,
    recipient: parseMailbox(to)!,
  };
}

export const NEVER = new AbortController().signal;
