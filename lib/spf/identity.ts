/** Owns Identity: whom a question of SPF is about, as its evaluation needs it. */

import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { unquotedLocal, type Mailbox } from '../mail/mailbox.ts';
import type { SpfQuestion } from './evaluator.ts';

export interface Identity {
  readonly domain: string;
  /** Whole, for macros. */
  readonly sender: string;
  readonly helo: string;
  readonly receiver: string;
}

/** Null: malformed, a literal or not of several labels: the result is none (RFC 7208 §4.3). */
export function identityOf({ identity, helo, sender, receiver }: SpfQuestion): Identity | null {
  const given = (helo ?? '').slice(0, LONGEST_NAME);
  const mailbox = identity === 'helo' ? null : sender;
  const domain = asciiDomain(mailbox === null ? withoutRootDot(given) : domainOf(mailbox));
  if (domain === null || !domain.includes('.')) return null;
  const written = mailbox === null ? '' : unquotedLocal(mailbox).slice(0, LONGEST_LOCAL);
  const local = written === '' ? 'postmaster' : written;
  // RFC 8616 §4: macros have the domain as the DNS has it.
  return { domain, sender: `${local}@${domain}`, helo: given, receiver };
}

/** Empty: the client gave none that is one. What an MTA adds to `alice` or `alice@host` is our own domain, and not his. */
function domainOf({ domain, said }: Mailbox): string {
  if (said !== undefined && said.domain?.includes('.') !== true) return '';
  return (domain ?? '').slice(0, LONGEST_NAME);
}

/** Twice RFC 5321 §4.5.3.1.1: what is longer no domain has a rule for. */
const LONGEST_LOCAL = 128;
/** What no DNS name reaches: a longer one stays too long. */
const LONGEST_NAME = 1100;
