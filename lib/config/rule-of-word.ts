/** Owns the meaning of each policy word: the rule that it becomes. */

import { POSTFIX_REPLIES, type ReplyWord, type WordReplies } from '../checks/postfix-replies.ts';
import { fillReply, type ReplyTemplate } from '../checks/reply-template.ts';
import { accessId, type AccessWord } from '../checks/table-access.ts';
import { is } from '../policy/rule.ts';
import type { Rule } from '../policy/rule.ts';
import type { Effect, Ruling } from '../policy/verdict.ts';
import { accessRule } from './access-rule.ts';
import { factsOf, type About } from './about.ts';
import { deferring, refusing, type AnyReply } from './effect-of-reply.ts';
import { greylistRule, type GreylistPlace } from './greylist-rule.ts';
import { permitting } from './permit-rule.ts';
import type { Word } from './policy-words.ts';
import type { Restriction } from './restrictions.ts';
import type { ListName } from './rule-lists.ts';

/** Where a rule stands. */
export interface Place extends GreylistPlace {
  /** Null: the one list, which is as Postfix's recipient list. */
  readonly list: ListName | null;
}

const ALWAYS = { kind: 'always' } as const;

export function ruleOf(restriction: Restriction, place: Place): Rule {
  const rule = ruleAbout(restriction, place, aboutOf(place.list));
  return restriction.warnOnly ? { ...rule, warnOnly: true } : rule;
}

/** `about`: what an unconditional refusal speaks of; in a table's result, what the table was asked about. */
export function ruleAbout({ word, written, table, soft }: Restriction, place: Place, about: About): Rule {
  if (soft) return notYet(written);
  switch (word) {
    case 'permit':
      return permitting(written, ALWAYS, 'permitted without condition');
    case 'permit_mynetworks':
      return permitting(written, is('mynetworks', 'yes'), 'client in mynetworks');
    case 'permit_sasl_authenticated':
      return permitting(written, is('sasl_authenticated', 'yes'), 'client logged in');
    case 'greylist':
      return greylistRule(written, place);
    case 'discard':
      return unconditional(written, { action: 'discard' });
    case 'quarantine':
      return unconditional(written, { action: 'quarantine', reason: 'quarantined by the policy' });
    case 'reject':
    case 'defer':
      return saying(written, word, about, refusing);
    case 'defer_if_permit':
    case 'defer_if_reject':
      return saying(written, word, about, (reply) => deferring(word, reply));
    case 'check_client_access':
    case 'check_reverse_client_hostname_access':
    case 'check_helo_access':
    case 'check_sender_access':
    case 'check_recipient_access':
      return accessRule(written, accessId(word, table!), ACCESS_ABOUT[word], (inner, of) =>
        ruleAbout(inner, place, of),
      );
    case 'permit_tls_all_clientcerts':
    case 'reject_multi_recipient_bounce':
    case 'reject_rbl_client':
    case 'reject_rhsbl_client':
    case 'reject_rhsbl_reverse_client':
    case 'reject_rhsbl_helo':
    case 'reject_rhsbl_sender':
    case 'reject_rhsbl_recipient':
    case 'permit_dnswl_client':
    case 'permit_rhswl_client':
    case 'skip_greylist_dnswl_client':
    case 'dnsbl_score':
    case 'check_spf':
      return notYet(written);
    case 'warn_if_reject':
    case 'soft_first':
      throw new Error(`${word} is no rule by itself`);
    default:
      return refusalRule(written, POSTFIX_REPLIES[word]);
  }
}

/** Never holds: of no parts, none does. */
function notYet(written: string): Rule {
  return {
    word: written,
    when: { kind: 'any', of: [] },
    may: [],
    outcome: () => ({ effect: { action: 'continue' }, reason: 'not active yet' }),
  };
}

const ACCESS_ABOUT: Readonly<Record<AccessWord, About>> = {
  check_client_access: 'client',
  check_reverse_client_hostname_access: 'reverse_client',
  check_helo_access: 'helo',
  check_sender_access: 'sender',
  check_recipient_access: 'recipient',
};

export function isAccessWord(word: Word): word is AccessWord {
  return Object.hasOwn(ACCESS_ABOUT, word);
}

/** `smtpd_relay_restrictions` speak of the recipient, and so do lists without a name. */
function aboutOf(list: ListName | null): About {
  return list === null || list === 'relay' ? 'recipient' : list;
}

function unconditional(word: string, effect: Extract<Effect, { action: 'discard' | 'quarantine' }>): Rule {
  const ruling: Ruling = { effect, reason: 'without condition' };
  return { word, when: ALWAYS, may: [effect.action], outcome: () => ruling };
}

/** A word that holds always, with Postfix's text for it. */
function saying(
  written: string,
  word: Extract<ReplyWord, 'reject' | 'defer' | 'defer_if_permit' | 'defer_if_reject'>,
  about: About,
  does: (reply: AnyReply) => Effect,
): Rule {
  const template = POSTFIX_REPLIES[word].replies['always']!;
  return {
    word: written,
    when: ALWAYS,
    may: ['reject', 'tempfail'],
    outcome: (_, session) => ({
      effect: does(fillReply(template, factsOf(session, about))),
      reason: 'without condition',
    }),
  };
}

/** A word that refuses for what its check has found. */
function refusalRule(written: string, { check, replies, onTemperror }: WordReplies): Rule {
  if (check === null) throw new Error(`${written} has no check`);
  const results = [...Object.keys(replies), ...(onTemperror === null ? [] : ['temperror'])];
  return {
    word: written,
    when: is(check, ...results),
    may: ['reject', 'tempfail'],
    outcome(findings, session) {
      const { result, facts } = findings.get(check)!;
      const said = (template: ReplyTemplate): AnyReply =>
        fillReply(template, { ...factsOf(session, 'recipient'), ...facts });
      if (result !== 'temperror') return { effect: refusing(said(replies[result]!)), reason: spaced(result) };
      const reply = said(onTemperror!);
      const effect = onTemperror!.when === 'now' ? refusing(reply) : deferring('defer_if_permit', reply);
      return { effect, reason: `could not be told: ${facts['why']}` };
    },
  };
}

/** `not_fqdn` → `not fqdn`. */
function spaced(result: string): string {
  return result.replaceAll('_', ' ');
}
