/** Owns the replies of Postfix 3.7 (smtpd_check.c) to what the checks find, so that log tools and fail2ban match them. */

import type { Reply } from '../mail/reply.ts';
import type { CodeParameter, ReplyTemplate } from './reply-template.ts';

export interface WordReplies {
  /** The check that is asked; null: the word stands for itself. */
  readonly check: string | null;
  /** By the check's result, or `always`; a result that is not here passes. */
  readonly replies: Readonly<Record<string, ReplyTemplate>>;
  /**
   * When the check can't tell. `if_permit`: the mail is put off only if nothing later refuses it, Postfix's
   * defer_if_permit, but at once below `warn_if_reject`, which makes it a warning; `now`: at once.
   */
  readonly onTemperror: (ReplyTemplate & { readonly when: 'if_permit' | 'now' }) | null;
}

/** The words in current spelling; the older ones are in OLD_SPELLINGS. */
export type ReplyWord =
  | 'reject_invalid_helo_hostname'
  | 'reject_non_fqdn_helo_hostname'
  | 'reject_unknown_helo_hostname'
  | 'reject_own_helo_hostname'
  | 'reject_non_fqdn_sender'
  | 'reject_non_fqdn_recipient'
  | 'reject_unknown_sender_domain'
  | 'reject_unknown_recipient_domain'
  | 'reject_unknown_reverse_client_hostname'
  | 'reject_unknown_client_hostname'
  | 'reject_generic_reverse_client_hostname'
  | 'reject_multi_recipient_bounce'
  | 'reject'
  | 'defer'
  | 'defer_if_permit'
  | 'defer_if_reject';

/** What each of Postfix's lists calls `%{class}`; its `%{name}` in the comment. */
export const LIST_CLASSES = {
  /** `mx.example.org[192.0.2.1]`, `unknown[192.0.2.1]` */
  client: 'Client host',
  /** as given */
  helo: 'Helo command',
  /** the address without brackets, empty for the null sender */
  sender: 'Sender address',
  recipient: 'Recipient address',
  /** `DATA` */
  data: 'Data command',
  /** `END-OF-MESSAGE` */
  endOfData: 'End-of-data',
} as const;

const INVALID_ADDRESS = helo(501, '5.5.2', 'invalid ip address', 'invalid_hostname_reject_code');
const HELO_NOT_FOUND = helo(450, '4.7.1', 'Host not found', 'unknown_hostname_reject_code');

const NO_REVERSE = 'Client host rejected: cannot find your reverse hostname, [%{address}]';
const NO_NAME = 'Client host rejected: cannot find your hostname, [%{address}]';

export const POSTFIX_REPLIES: Readonly<Record<ReplyWord, WordReplies>> = {
  reject_invalid_helo_hostname: {
    check: 'invalid_helo_hostname',
    replies: {
      invalid_name: helo(501, '5.5.2', 'Invalid name', 'invalid_hostname_reject_code'),
      invalid_address: INVALID_ADDRESS,
    },
    onTemperror: null,
  },
  reject_non_fqdn_helo_hostname: {
    check: 'non_fqdn_helo_hostname',
    replies: {
      not_fqdn: helo(504, '5.5.2', 'need fully-qualified hostname', 'non_fqdn_reject_code'),
      invalid_address: INVALID_ADDRESS,
    },
    onTemperror: null,
  },
  reject_unknown_helo_hostname: {
    check: 'unknown_helo_hostname',
    replies: {
      not_found: HELO_NOT_FOUND,
      malformed: helo(450, '4.7.1', 'Malformed DNS server reply', 'unknown_hostname_reject_code'),
      invalid_address: INVALID_ADDRESS,
    },
    onTemperror: { ...HELO_NOT_FOUND, parameter: null, when: 'if_permit' },
  },
  // Not Postfix's: what `check_helo_access` with `REJECT` and this text would say.
  reject_own_helo_hostname: {
    check: 'own_helo_hostname',
    replies: {
      own_name: helo(554, '5.7.1', 'that is our own name', 'access_map_reject_code'),
      own_address: helo(554, '5.7.1', 'that is our own address', 'access_map_reject_code'),
    },
    onTemperror: null,
  },
  reject_non_fqdn_sender: {
    check: 'non_fqdn_sender',
    replies: { not_fqdn: notFullyQualified('sender') },
    onTemperror: null,
  },
  reject_non_fqdn_recipient: {
    check: 'non_fqdn_recipient',
    replies: { not_fqdn: notFullyQualified('recipient') },
    onTemperror: null,
  },
  reject_unknown_sender_domain: unknownDomain('sender', '4.1.8', 550, '5.7.27'),
  reject_unknown_recipient_domain: unknownDomain('recipient', '4.1.2', 556, '5.1.10'),
  reject_unknown_reverse_client_hostname: {
    check: 'unknown_reverse_client_hostname',
    replies: { unknown: reply(450, '4.7.1', NO_REVERSE, 'unknown_client_reject_code') },
    onTemperror: { ...reply(450, '4.7.1', NO_REVERSE, null), when: 'now' },
  },
  reject_unknown_client_hostname: {
    check: 'unknown_client_hostname',
    replies: { unknown: reply(450, '4.7.25', NO_NAME, 'unknown_client_reject_code') },
    onTemperror: { ...reply(450, '4.7.25', NO_NAME, null), when: 'now' },
  },
  // Not Postfix's: what `check_reverse_client_hostname_access` with `REJECT` and this text would say.
  reject_generic_reverse_client_hostname: {
    check: 'generic_reverse_client_hostname',
    replies: { pool: genericName(), address: genericName() },
    onTemperror: null,
  },
  reject_multi_recipient_bounce: {
    check: 'multi_recipient_bounce',
    replies: {
      several: reply(
        550,
        '5.5.3',
        '<%{name}>: %{class} rejected: Multi-recipient bounce',
        'multi_recipient_bounce_reject_code',
      ),
    },
    onTemperror: null,
  },
  reject: always(554, '5.7.1', '<%{name}>: %{class} rejected: Access denied', 'reject_code'),
  defer: always(450, '4.3.2', '<%{name}>: %{class} rejected: Try again later', 'defer_code'),
  defer_if_permit: always(450, '4.7.0', '<%{name}>: %{class} rejected: defer_if_permit requested', null),
  defer_if_reject: always(450, '4.7.0', '<%{name}>: %{class} rejected: defer_if_reject requested', null),
};

/** Spellings that Postfix 3.7 still takes, each for the word of today with the same meaning. */
export const OLD_SPELLINGS: Readonly<Record<string, ReplyWord>> = {
  reject_invalid_hostname: 'reject_invalid_helo_hostname',
  reject_non_fqdn_hostname: 'reject_non_fqdn_helo_hostname',
  reject_unknown_hostname: 'reject_unknown_helo_hostname',
  reject_unknown_client: 'reject_unknown_client_hostname',
  reject_unknown_address: 'reject_unknown_sender_domain',
};

function reply(
  code: number,
  status: Reply['status'],
  text: string,
  parameter: CodeParameter | null,
): ReplyTemplate {
  return { code, status, text, parameter };
}

function helo(code: number, status: Reply['status'], why: string, parameter: CodeParameter): ReplyTemplate {
  return reply(code, status, `<%{helo}>: ${LIST_CLASSES.helo} rejected: ${why}`, parameter);
}

function notFullyQualified(who: 'sender' | 'recipient'): ReplyTemplate {
  const text = `<%{${who}}>: ${LIST_CLASSES[who]} rejected: need fully-qualified address`;
  return reply(504, '5.5.2', text, 'non_fqdn_reject_code');
}

function unknownDomain(
  who: 'sender' | 'recipient',
  status: Reply<4>['status'],
  nullMxCode: number,
  nullMxStatus: Reply<5>['status'],
): WordReplies {
  const refusal = `<%{${who}}>: ${LIST_CLASSES[who]} rejected:`;
  const notFound = reply(450, status, `${refusal} Domain not found`, 'unknown_address_reject_code');
  return {
    check: `unknown_${who}_domain`,
    replies: {
      not_found: notFound,
      null_mx: reply(
        nullMxCode,
        nullMxStatus,
        `${refusal} Domain %{domain} does not accept mail (nullMX)`,
        null,
      ),
      malformed: { ...notFound, text: `${refusal} Malformed DNS server reply` },
    },
    onTemperror: { ...notFound, parameter: null, when: 'if_permit' },
  };
}

function genericName(): ReplyTemplate {
  const text = '<%{ptr}>: Unverified Client host rejected: generic hostname';
  return reply(554, '5.7.1', text, 'access_map_reject_code');
}

function always(
  code: number,
  status: Reply['status'],
  text: string,
  parameter: CodeParameter | null,
): WordReplies {
  return { check: null, replies: { always: reply(code, status, text, parameter) }, onTemperror: null };
}
