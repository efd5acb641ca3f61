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
import { listRule } from './list-rule.ts';
import type { ListContext } from './list-says.ts';
import { isListWord } from './list-word.ts';
import { permitting } from './permit-rule.ts';
import type { Word } from './policy-words.ts';
import type { Restriction } from './restrictions.ts';
import { saidAs } from './overridden.ts';
import { placeholders, withPattern, type ReplyPattern } from './reply-pattern.ts';
import type { ListName } from './rule-lists.ts';
import { scoreRule } from './score-rule.ts';
import type { SpfSettings } from './spf.ts';
import { spfRule } from './spf-rule.ts';
import { softKey, softened } from './soft-first-rule.ts';
import { whenRule } from './when-rule.ts';
import type { WrittenRule } from './written-rule.ts';

/** Where a rule stands. */
export interface Place extends GreylistPlace {
  /** Null: the one list, which is as Postfix's recipient list. */
  readonly list: ListName | null;
  readonly onLookupFailure: 'defer' | 'continue';
  readonly lists: ListContext;
  readonly spf: SpfSettings;
  /** What the rule says to the client instead of Postfix's words. */
  readonly reply: ReplyPattern | null;
}

const ALWAYS = { kind: 'always' } as const;

export function ruleOf(written: WrittenRule, place: Place): Rule {
  const about = aboutOf(place.list);
  if (written.kind === 'when') {
    const rule = whenRule(written, about, place.lists, (greylist) => ruleAbout(greylist, place, about));
    return place.reply === null ? rule : saidAs(rule, place.reply, about, written.does.kind === 'greylist');
  }
  const rule = ruleAbout(written, place, about);
  return written.warnOnly ? { ...rule, warnOnly: true } : rule;
}

/** `about`: what an unconditional refusal speaks of; in a table's result, what the table was asked about. */
export function ruleAbout(restriction: Restriction, place: Place, about: About): Rule {
  const rule = saidRule(restriction, place, about);
  // What is only told need not be remembered.
  if (!restriction.soft || restriction.warnOnly) return rule;
  return softened(rule, softKey(restriction));
}

function saidRule(restriction: Restriction, place: Place, about: About): Rule {
  const rule = plainRule(restriction, place, about);
  // Words that look something up fill in themselves what was found.
  if (place.reply === null || saysItself(restriction.word)) return rule;
  return saidAs(rule, place.reply, about, restriction.word === 'greylist');
}

function saysItself(word: Word): boolean {
  return Object.hasOwn(REFUSALS, word) || isListWord(word) || word === 'dnsbl_score' || word === 'check_spf';
}

const REFUSALS = Object.fromEntries(
  Object.entries(POSTFIX_REPLIES).filter(([, { check }]) => check !== null),
);

function plainRule(
  { word, written, table, options, list, score }: Restriction,
  place: Place,
  about: About,
): Rule {
  switch (word) {
    case 'permit':
      return permitting(written, ALWAYS, 'permitted without condition');
    case 'permit_mynetworks':
      return permitting(written, is('mynetworks', 'yes'), 'client in mynetworks');
    case 'permit_sasl_authenticated':
      return permitting(written, is('sasl_authenticated', 'yes'), 'client logged in');
    case 'permit_tls_all_clientcerts':
      return permitting(written, is('verified_certificate', 'yes'), 'client showed a verified certificate');
    case 'greylist':
      return greylistRule(written, place, options?.kind === 'greylist' ? options.delayMs : null);
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
      // A table's own words stand in it; what it names has Postfix's.
      return accessRule(written, accessId(word, table!), ACCESS_ABOUT[word], (inner, of) =>
        ruleAbout(inner, { ...place, reply: null }, of),
      );
    case 'reject_multi_recipient_bounce':
      return place.stage === 'data'
        ? refusalRule(written, POSTFIX_REPLIES[word], place, 'data')
        : { word: written, when: NEVER, may: ['reject'], outcome: () => GOES_ON };
    case 'reject_rbl_client':
    case 'reject_rhsbl_client':
    case 'reject_rhsbl_reverse_client':
    case 'reject_rhsbl_helo':
    case 'reject_rhsbl_sender':
    case 'reject_rhsbl_recipient':
    case 'permit_dnswl_client':
    case 'permit_rhswl_client':
    case 'skip_greylist_dnswl_client':
      return listRule(written, word, list!, place.lists.known, place.reply);
    case 'dnsbl_score':
      return scoreRule(written, score!, place.reply, place.lists.known, () =>
        greylistRule('greylist', place),
      );
    case 'check_spf':
      return spfRule(written, place.spf, options?.kind === 'spf' ? options.answers : {}, place.reply);
    case 'warn_if_reject':
    case 'soft_first':
      throw new Error(`${word} is no rule by itself`);
    default:
      return refusalRule(written, POSTFIX_REPLIES[word], place, 'recipient');
  }
}

const NEVER = { kind: 'any', of: [] } as const;
const GOES_ON: Ruling = { effect: { action: 'continue' }, reason: 'asked at DATA' };
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
function refusalRule(
  written: string,
  { check, replies, onTemperror }: WordReplies,
  { onLookupFailure, reply }: Place,
  about: About,
): Rule {
  if (check === null) throw new Error(`${written} has no check`);
  const unknown = onTemperror === null || onLookupFailure === 'continue' ? null : onTemperror;
  const results = [...Object.keys(replies), ...(unknown === null ? [] : ['temperror'])];
  return {
    word: written,
    when: is(check, ...results),
    may: ['reject', 'tempfail'],
    outcome(findings, session) {
      const { result, facts } = findings.get(check)!;
      const said = (template: ReplyTemplate, keepClass: boolean): AnyReply => {
        const all = { ...factsOf(session, about), ...facts };
        const usual = fillReply(template, all);
        return reply === null
          ? usual
          : withPattern(usual, reply, { ...placeholders(session), ...all }, keepClass);
      };
      if (result !== 'temperror')
        return { effect: refusing(said(replies[result]!, false)), reason: spaced(result) };
      const later = said(unknown!, true);
      const effect = unknown!.when === 'now' ? refusing(later) : deferring('defer_if_permit', later);
      return { effect, reason: `could not be told: ${facts['why']}` };
    },
  };
}

/** `not_fqdn` → `not fqdn`. */
function spaced(result: string): string {
  return result.replaceAll('_', ' ');
}
