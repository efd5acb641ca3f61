/** Owns what each rule needs to know: the stage of the facts that it rests on. */

import type { Stage } from '../mail/session.ts';
import type { Word } from './policy-words.ts';
import type { WrittenRule } from './written-rule.ts';

/** Null: it holds always. spec/rules/rule-needs.spec.ts holds this against the checks that the rules ask. */
export const WORD_NEEDS: Readonly<Record<Word, Stage | null>> = {
  permit: null,
  reject: null,
  defer: null,
  defer_if_permit: null,
  defer_if_reject: null,
  discard: null,
  quarantine: null,
  warn_if_reject: null,
  soft_first: null,
  greylist: 'rcpt',
  permit_mynetworks: 'connect',
  permit_sasl_authenticated: 'mail',
  permit_tls_all_clientcerts: 'helo',
  check_client_access: 'connect',
  check_reverse_client_hostname_access: 'connect',
  check_helo_access: 'helo',
  check_sender_access: 'mail',
  check_recipient_access: 'rcpt',
  reject_invalid_helo_hostname: 'helo',
  reject_non_fqdn_helo_hostname: 'helo',
  reject_unknown_helo_hostname: 'helo',
  reject_own_helo_hostname: 'helo',
  reject_non_fqdn_sender: 'mail',
  reject_unknown_sender_domain: 'mail',
  reject_non_fqdn_recipient: 'rcpt',
  reject_unknown_recipient_domain: 'rcpt',
  reject_multi_recipient_bounce: 'rcpt',
  reject_unknown_reverse_client_hostname: 'connect',
  reject_unknown_client_hostname: 'connect',
  reject_generic_reverse_client_hostname: 'connect',
  reject_rbl_client: 'connect',
  reject_rhsbl_client: 'connect',
  reject_rhsbl_reverse_client: 'connect',
  reject_rhsbl_helo: 'helo',
  reject_rhsbl_sender: 'mail',
  reject_rhsbl_recipient: 'rcpt',
  permit_dnswl_client: 'connect',
  permit_rhswl_client: 'connect',
  skip_greylist_dnswl_client: 'connect',
  dnsbl_score: 'connect',
  check_spf: 'mail',
};

/** Null: it holds always. */
export function needsOf(rule: WrittenRule): Stage | null {
  return rule.kind === 'restriction' ? WORD_NEEDS[rule.word] : rule.when.stage;
}

/** The first stage at which the rule can be asked. */
export function factStage(rule: WrittenRule): Stage {
  return needsOf(rule) ?? 'connect';
}
