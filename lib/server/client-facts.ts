/** Owns how an MTA's CONNECT and its macros become the facts of a client. */

import { parseAddress } from '../mail/network.ts';
import type { Client, Tls } from '../mail/session.ts';

/** The part of a milter session that is asked: the value of a macro, braces or not, or null. */
export interface Macros {
  macro(name: string): string | null;
}

export interface Connect {
  readonly host: string;
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'unknown';
  readonly address: string | null;
}

/** What SETSYMLIST asks of the MTA at CONNECT for this file's sake. */
export const CONNECT_MACROS = ['j', 'i', 'v', '{daemon_name}', '{client_ptr}', '{client_resolve}'] as const;

export function clientFacts(connect: Connect, macros: Macros): Client {
  const resolve = resolveResult(macros.macro('{client_resolve}'));
  return {
    address: connect.address === null ? null : parseAddress(connect.address),
    ptr: hostName(macros.macro('{client_ptr}')),
    name: resolve === 'ok' || resolve === null ? hostName(connect.host) : null,
    resolve,
    daemon: macros.macro('{daemon_name}'),
    // Postfix's cleanup plays an MTA for mail that was picked up locally: it knows the queue id before there is a
    // client, and has resolved nobody's name (cleanup_milter.c). smtpd opens the queue file at RCPT at the earliest.
    submitted:
      connect.family === 'unix' || (macros.macro('i') !== null && macros.macro('{client_resolve}') === null),
  };
}

/** `unknown` and `[192.0.2.1]` stand for a host without a verified name, and so does an empty one. */
function hostName(name: string | null): string | null {
  if (name === null || name === '' || name.startsWith('[') || name.toLowerCase() === 'unknown') return null;
  return name.toLowerCase().replace(/\.$/, '');
}

function resolveResult(macro: string | null): Client['resolve'] {
  switch ((macro ?? '').toUpperCase()) {
    case 'OK':
      return 'ok';
    case 'FAIL':
      return 'fail';
    case 'FORGED':
      return 'forged';
    case 'TEMP':
      return 'temp';
    default:
      return null;
  }
}

/**
 * Whether `{mail_addr}` and `{rcpt_addr}` are what the MTA takes an address for. Sendmail tells instead where the mail is
 * delivered, a user of the machine or what virtusertable makes of the address.
 */
export function tellsAddresses(macros: Macros): boolean {
  return /^postfix\b/i.test(macros.macro('v') ?? '');
}

/** And at HELO, which comes again after STARTTLS. */
export const HELO_MACROS = ['{tls_version}', '{cert_subject}', '{verify}'] as const;

/**
 * Postfix tells a subject only if it could verify the certificate (smtpd_milter.c), Sendmail tells of any and what
 * `{verify}` came to.
 */
export function tlsFacts(macros: Macros): Tls | null {
  const version = macros.macro('{tls_version}') ?? '';
  if (version === '') return null;
  const subject = macros.macro('{cert_subject}') ?? '';
  const verify = macros.macro('{verify}') ?? '';
  const verified = subject !== '' && (verify === '' || verify.toUpperCase() === 'OK');
  return { version, verifiedSubject: verified ? subject : null };
}

/** `SMTPUTF8` among the words behind MAIL FROM (RFC 6531 §3.4). */
export function declaresUtf8(args: readonly string[]): boolean {
  return args.some((arg) => /^smtputf8$/i.test(arg));
}

/** `SIZE=1000` among the words behind MAIL FROM (RFC 1870); null: not there, or no number. */
export function declaredSize(args: readonly string[]): number | null {
  for (const arg of args) {
    const digits = /^size=(\d{1,15})$/i.exec(arg)?.[1];
    if (digits !== undefined) return Number(digits);
  }
  return null;
}
