/** Owns the shape of the table that compares the policy words with Postfix: a row is a policy and what clients do to it. */

import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';

/** What a client does: a greeting, then these lines. */
export interface Session {
  /** The client's address. */
  readonly from: string;
  readonly greeting: string;
  readonly lines: readonly string[];
  /** It says STARTTLS and its greeting again, and shows a certificate: one that Postfix trusts, one that it does not, none. */
  readonly tls?: 'trusted' | 'strange' | 'none';
  readonly differs?: Difference;
}

/** Where Postern means not to be Postfix. Held to: a difference that is gone has to go from the table too. */
export interface Difference {
  readonly why: string;
  /** The last reply. */
  readonly postfix: string;
  readonly postern: string;
}

/** Both values of main.cf and a policy, by list. */
export type Lists = Readonly<Partial<Record<'client' | 'helo' | 'sender' | 'relay' | 'recipient', string>>>;

export interface Row {
  readonly lists: Lists;
  /** Where main.cf has another list for it than Postern. */
  readonly inPostfix?: Readonly<Record<string, string>>;
  /** `refuses`: what holds gets a 4xx or 5xx, what does not is let in; `permits`: the other way round; null: neither. */
  readonly does: 'refuses' | 'permits' | null;
  readonly holds: readonly Session[];
  readonly passes: readonly Session[];
  /** The lookup fails; none: it looks nothing up. */
  readonly fails?: readonly Session[];
  /** Files by name; `TABLES/name` stands for their path. */
  readonly tables?: Readonly<Record<string, string>>;
}

export const ALICE = 'MAIL FROM:<alice@example.net>';
export const BOB = 'RCPT TO:<bob@example.org>';
/** DATA and a message, as two lines that each have a reply. */
export const MESSAGE = ['DATA', 'Subject: words\r\n\r\nHello.\r\n.'] as const;

export const GREETING = 'HELO mx.example.net';

export function says(...lines: readonly string[]): Session {
  return { from: CLIENT.named, greeting: GREETING, lines };
}

export const plain = says(ALICE, BOB);

export function sender(address: string): Session {
  return says(`MAIL FROM:<${address}>`, BOB);
}

export function recipient(address: string): Session {
  return says(ALICE, `RCPT TO:<${address}>`);
}

/** From a machine of our own, which Postfix lets send anywhere. */
export function outbound(address: string): Session {
  return { ...recipient(address), from: OWN_CLIENT };
}

export function helo(name: string): Session {
  return { ...plain, greeting: `HELO ${name}` };
}

export function client(from: string): Session {
  return { ...plain, from };
}

export const loggedIn: Session = {
  from: CLIENT.named,
  greeting: 'EHLO mx.example.net',
  lines: [`AUTH PLAIN ${Buffer.from('\0tester\0secret').toString('base64')}`, ALICE, BOB],
};

export function but(session: Session, why: string, postfix: string, postern: string): Session {
  return { ...session, differs: { why, postfix, postern } };
}

/** Rows of the same sessions, with the word in each of these lists. */
export function inLists(names: readonly (keyof Lists)[], policy: string, row: Omit<Row, 'lists'>): Row[] {
  return names.map((name) => ({ ...row, lists: { [name]: policy } }));
}

export const ALL_LISTS = ['client', 'helo', 'sender', 'relay', 'recipient'] as const;
