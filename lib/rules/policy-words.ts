/** Owns the catalogue of policy words: what each one is followed by, what became of old spellings, what stays in Postfix. */

/** What a word is followed by; `mapping`: it can only stand as a mapping of its own. */
export type Argument = 'none' | 'table' | 'rule' | 'zone' | 'options' | 'mapping';

/** The words of this version. */
export const WORDS = {
  permit: 'none',
  reject: 'none',
  defer: 'none',
  defer_if_permit: 'none',
  defer_if_reject: 'none',
  discard: 'none',
  quarantine: 'none',
  greylist: 'options',
  warn_if_reject: 'rule',
  soft_first: 'rule',
  permit_mynetworks: 'none',
  permit_sasl_authenticated: 'none',
  permit_tls_all_clientcerts: 'none',
  check_client_access: 'table',
  check_reverse_client_hostname_access: 'table',
  check_helo_access: 'table',
  check_sender_access: 'table',
  check_recipient_access: 'table',
  reject_invalid_helo_hostname: 'none',
  reject_non_fqdn_helo_hostname: 'none',
  reject_unknown_helo_hostname: 'none',
  reject_own_helo_hostname: 'none',
  reject_non_fqdn_sender: 'none',
  reject_unknown_sender_domain: 'none',
  reject_non_fqdn_recipient: 'none',
  reject_unknown_recipient_domain: 'none',
  reject_multi_recipient_bounce: 'none',
  reject_unknown_reverse_client_hostname: 'none',
  reject_unknown_client_hostname: 'none',
  reject_generic_reverse_client_hostname: 'none',
  reject_rbl_client: 'zone',
  reject_rhsbl_client: 'zone',
  reject_rhsbl_reverse_client: 'zone',
  reject_rhsbl_helo: 'zone',
  reject_rhsbl_sender: 'zone',
  reject_rhsbl_recipient: 'zone',
  permit_dnswl_client: 'zone',
  permit_rhswl_client: 'zone',
  skip_greylist_dnswl_client: 'zone',
  dnsbl_score: 'mapping',
  check_spf: 'options',
} as const satisfies Readonly<Record<string, Argument>>;

export type Word = keyof typeof WORDS;

/** The words that are followed by a DNS list. */
export type ListWord = { [W in Word]: (typeof WORDS)[W] extends 'zone' ? W : never }[Word];

/** Spellings that Postfix 3.7 still takes, each for the word of today; those that have a reply of their own: OLD_SPELLINGS. */
export const OLD_WORDS: Readonly<Record<string, Word>> = { reject_rbl: 'reject_rbl_client' };

/** Words that Postfix has given up since, each with what was behind it and what to write. */
export const GONE_WORDS: Readonly<Record<string, readonly [what: string, instead: string]>> = {
  reject_maps_rbl: [
    "reject_maps_rbl asks the lists of main.cf's maps_rbl_domains, and is gone since Postfix 3.9",
    'write reject_rbl_client ZONE=PATTERN for each list of it that is still alive',
  ],
};

const RELAY = 'Postern lets mail through when it is away, and that must never open a relay';
const RECIPIENTS = 'only Postfix knows which recipients exist';

/** Why a word of Postfix is not taken over. */
export const STAYS_IN_POSTFIX: Readonly<Record<string, string>> = {
  reject_unauth_destination: RELAY,
  defer_unauth_destination: RELAY,
  permit_auth_destination: RELAY,
  permit_mx_backup: RELAY,
  check_relay_domains: RELAY,
  reject_unlisted_recipient: RECIPIENTS,
  reject_unlisted_sender: 'only Postfix knows which of your own senders exist',
  reject_unverified_recipient: 'it asks other servers by probes of Postfix',
  reject_unverified_sender: 'it asks other servers by probes of Postfix',
  reject_unauth_pipelining: 'only Postfix sees how the commands came in',
  reject_plaintext_session: 'Postfix knows it before Postern does',
  permit_tls_clientcerts: 'it compares fingerprints in a table of Postfix',
  permit_inet_interfaces: 'only Postfix knows its own addresses',
  check_client_a_access: 'it looks up more names for each mail',
  check_client_mx_access: 'it looks up more names for each mail',
  check_client_ns_access: 'it looks up more names for each mail',
  check_helo_a_access: 'it looks up more names for each mail',
  check_helo_mx_access: 'it looks up more names for each mail',
  check_helo_ns_access: 'it looks up more names for each mail',
  check_sender_a_access: 'it looks up more names for each mail',
  check_sender_mx_access: 'it looks up more names for each mail',
  check_sender_ns_access: 'it looks up more names for each mail',
  check_recipient_a_access: 'it looks up more names for each mail',
  check_recipient_mx_access: 'it looks up more names for each mail',
  check_recipient_ns_access: 'it looks up more names for each mail',
  check_reverse_client_hostname_a_access: 'it looks up more names for each mail',
  check_reverse_client_hostname_mx_access: 'it looks up more names for each mail',
  check_reverse_client_hostname_ns_access: 'it looks up more names for each mail',
  check_etrn_access: 'Postern does not see ETRN',
  check_sasl_access: 'logins are checked where they happen',
  check_ccert_access: 'certificates are checked where they are shown',
  reject_sender_login_mismatch: 'only Postfix knows whose address is whose',
  reject_authenticated_sender_login_mismatch: 'only Postfix knows whose address is whose',
  reject_known_sender_login_mismatch: 'only Postfix knows whose address is whose',
  reject_unauthenticated_sender_login_mismatch: 'only Postfix knows whose address is whose',
  check_policy_service: 'a policy service of its own speaks to Postfix, not to Postern',
  sleep: 'a filter that sleeps holds up Postfix',
};
