/** Owns domain syntax: which names are host names, address literals or fully qualified, as Postfix judges them. */

import { domainToASCII } from 'node:url';
import type { Mailbox } from './mailbox.ts';

/** RFC 1035 §2.3.4, as Postfix counts: without the root's dot. */
const LONGEST_NAME = 255;

/** A letter, digit or underscore at both ends, hyphens between; 63 at most (RFC 1035 §2.3.4). */
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/**
 * As valid_hostname.c: `mx1.example.org`, `localhost`, `a_b`, but neither `192.0.2.1` (only digits), `a..b`, `-a`
 * nor a trailing dot. No U-labels: see `asciiDomain`.
 */
export function isHostname(name: string): boolean {
  return name.length <= LONGEST_NAME && LABELS.test(name) && !/^[0-9.]*$/.test(name);
}

/** As valid_hostaddr: `192.0.2.1`, `2001:db8::1`, without brackets or tag. */
export function isHostAddress(text: string): boolean {
  return text.includes(':') ? isIPv6(text) : isIPv4(text);
}

/**
 * What Postfix demands of a HELO that begins with a bracket: `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3),
 * but neither `[2001:db8::1]` nor `[mail.example.org]`.
 */
export function isAddressLiteral(text: string): boolean {
  if (!looksLikeLiteral(text)) return false;
  const inside = text.slice(1, -1);
  return /^ipv6:/i.test(inside) ? isIPv6(inside.slice(5)) : isIPv4(inside);
}

/** Anything in brackets: `user@[192.0.2.1]`, `user@[junk]`. Postfix leaves such domains to others. */
export function looksLikeLiteral(text: string): boolean {
  return text.length > 1 && text.startsWith('[') && text.endsWith(']');
}

/** As reject_non_fqdn_hostname: a host name, ASCII or not, with a dot inside; one dot at its end is forgiven. */
export function isFullyQualified(name: string): boolean {
  return hasDot(asciiDomain(withoutRootDot(name)));
}

/** As reject_non_fqdn_address: the domain is there and fully qualified, or something in brackets. */
export function hasFullyQualifiedDomain(mailbox: Mailbox): boolean {
  // What an MTA adds to a name that has no dot is not the client's merit.
  const { domain } = mailbox.said ?? mailbox;
  // A Mailbox has lost its one forgivable dot already.
  return domain !== null && (looksLikeLiteral(domain) || hasDot(asciiDomain(domain)));
}

function hasDot(name: string | null): boolean {
  return name?.includes('.') ?? false;
}

/** `example.org.` → `example.org`; dot-dot is kept, so that it stays wrong. */
export function withoutRootDot(name: string): string {
  return /[^.]\.$/.test(name) ? name.slice(0, -1) : name;
}

/**
 * What can be asked of the DNS: `Bücher.example` → `xn--bcher-kva.example`, ASCII in lower case. Null if it is no host
 * name, before or after the conversion (UTS 46); never throws.
 */
export function asciiDomain(name: string): string | null {
  // No U-label is longer than its A-label fourfold: what follows need not be fast for more.
  if (name.length > 4 * LONGEST_NAME) return null;
  if (/^[\0-\x7f]*$/.test(name)) return isHostname(name) ? name.toLowerCase() : null;
  // Node's function reads a URL's host: it would take `%41` for A and drop what follows a slash.
  if (/[\0-\x7f]/.test(name.replace(/[A-Za-z0-9._-]/g, ''))) return null;
  const ascii = domainToASCII(name);
  return isHostname(ascii) ? ascii : null;
}

/** Four numbers up to 255, leading zeros allowed; 0.0.0.0, but nothing else in 0.0.0.0/8. */
function isIPv4(text: string): boolean {
  const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return false;
  return octets[0] !== 0 || octets.every((octet) => octet === 0);
}

/** Postfix counts colons, not groups: `1:2:3` passes, nine groups or a second `::` do not. */
function isIPv6(text: string): boolean {
  // The longest spelling has 45 characters.
  if (text.length > 64) return false;
  const groups = text.split(':');
  const colons = groups.length - 1;
  if (colons < 2 || colons > 7) return false;
  const last = groups[colons]!;
  if (last.includes('.')) {
    if (colons > 6 || !/^\d{1,4}\./.test(last) || !isIPv4(last)) return false;
  } else if (!/^[0-9a-f]{0,4}$/i.test(last)) return false;
  const inner = groups.slice(1, -1);
  if (!groups.slice(0, -1).every((group) => /^[0-9a-f]{0,4}$/i.test(group))) return false;
  if (inner.filter((group) => group === '').length > 1) return false;
  // A single colon may stand neither first nor last.
  return (groups[0] !== '' || groups[1] === '') && (last !== '' || groups[colons - 1] === '');
}
