/** Owns the search orders of access(5): which keys are asked of a table for a client, a name or an address. */

import { isIP } from 'node:net';
import type { Address } from '../mail/network.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { fullKeys, withoutExtension } from './mailbox-keys.ts';
import { NOT_FOUND, type Found, type Table } from './table.ts';

export interface DomainSearch {
  /**
   * `example.org` stands for its subdomains too, as Postfix has it for access tables by default; if not,
   * `.example.org` does (parent_domain_matches_subdomains).
   */
  readonly parentDomainMatchesSubdomains?: boolean;
}

export interface MailboxSearch extends DomainSearch {
  /** recipient_delimiter: each of its characters is one; by default none. */
  readonly extensionDelimiter?: string;
}

type Answer<R> = Found<R> | Promise<Found<R>>;

/** Host name, its parent domains, address, its networks by octet (check_namadr_access()). */
export function accessByClient<R>(
  table: Table<R>,
  { name, address }: { readonly name: string | null; readonly address: Address | null },
  search: DomainSearch = {},
): Answer<R> {
  // smtpd calls a client "unknown" whose name it could not confirm, and looks that up.
  const names = domainKeys(name ?? 'unknown', search);
  const addresses = address === null ? [] : addressKeys(address);
  return firstFound(table, [...wholeOnly(table, names), ...wholeOnly(table, addresses)]);
}

/** HELO, reverse and unconfirmed names: the name and its parent domains (check_domain_access()). */
export function accessByDomain<R>(table: Table<R>, name: string, search: DomainSearch = {}): Answer<R> {
  return firstFound(table, wholeOnly(table, domainKeys(name, search)));
}

/**
 * user+ext@domain, user@domain, the domain and its parents, user+ext@, user@ (mail_addr_find.c), all in lower case: so
 * a pattern's `$1` is, too; `<>` for the null sender, and nothing else. A bare `postmaster` is in no domain that we could
 * know: only `postmaster` and `postmaster@` are asked for.
 */
export function accessByMailbox<R>(
  table: Table<R>,
  mailbox: Mailbox | null,
  search: MailboxSearch = {},
): Answer<R> {
  if (mailbox === null) return firstFound(table, ['<>']);
  const { domain } = mailbox;
  const local = mailbox.local.toLowerCase();
  const full = fullKeys(local, domain);
  if (table.style !== 'keys') return firstFound(table, full);
  const short = withoutExtension(local, search.extensionDelimiter ?? '');
  const bare = (where: string | null): readonly string[] => (short === null ? [] : fullKeys(short, where));
  const domains = domain === null ? [] : parents(domain, search);
  return firstFound(table, [...full, ...bare(domain), ...domains, ...fullKeys(local, ''), ...bare('')]);
}

/** Patterns and networks are asked for the first key alone. */
function wholeOnly<R>(table: Table<R>, keys: readonly string[]): readonly string[] {
  return table.style === 'keys' ? keys : keys.slice(0, 1);
}

/** The name, and its parents unless it is an address: 192.0.2.1 is in no domain 2.1. */
export function domainKeys(name: string, search: DomainSearch): readonly string[] {
  return isIP(name) === 0 ? parents(name, search) : [name];
}

/** A name may end in a dot, which leaves no empty key; more labels than a name can have are not asked for. */
function parents(name: string, { parentDomainMatchesSubdomains = true }: DomainSearch): readonly string[] {
  const keys: string[] = [];
  for (let key = name; key !== '' && keys.length < MOST_LABELS;) {
    keys.push(key);
    const dot = key.indexOf('.', 1);
    if (dot < 0) break;
    key = key.slice(parentDomainMatchesSubdomains ? dot + 1 : dot);
  }
  return keys;
}

/** 255 octets, RFC 1035 §3.1. */
const MOST_LABELS = 128;

/** `192.0.2.1`, `192.0.2`, `192.0`, `192`; `2001:db8::1`, `2001:db8:`, `2001:db8`, `2001` (check_addr_access()). */
export function addressKeys({ family, text }: Address): readonly string[] {
  const delimiter = family === 'ipv4' ? '.' : ':';
  const keys: string[] = [];
  for (let key = text; ;) {
    if (key !== '') keys.push(key);
    const end = key.lastIndexOf(delimiter);
    if (end < 0) return keys;
    key = key.slice(0, end);
  }
}

/** What is found ends the search, and so does a temperror: what would have come later is not known to count. */
function firstFound<R>(table: Table<R>, keys: readonly string[], from = 0): Answer<R> {
  for (let i = from; i < keys.length; i++) {
    const found = table.lookup(keys[i]!);
    if (found instanceof Promise)
      return found.then((late) => (late.kind === 'none' ? firstFound(table, keys, i + 1) : late));
    if (found.kind !== 'none') return found;
  }
  return NOT_FOUND;
}
