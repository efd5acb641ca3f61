/** Owns the rules that ask one DNS list: what a listing comes to, and what it comes to that a list could not tell. */

import { listingId } from '../checks/listing.ts';
import { standingId } from '../checks/list-standing.ts';
import { subjectName, type ListSubject } from '../checks/list-subject.ts';
import { LIST_CLASSES } from '../checks/postfix-replies.ts';
import { fillReply } from '../checks/reply-template.ts';
import { tempfail } from '../mail/reply.ts';
import type { Session } from '../mail/session.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import { writtenSite, type ListSite } from '../lists/list-site.ts';
import type { Findings, Rule } from '../policy/rule.ts';
import type { Effect, Listed, Ruling } from '../policy/verdict.ts';
import { refusing } from './effect-of-reply.ts';
import { listSays, saysSo, type ListUse } from './list-says.ts';
import type { ListWord } from './policy-words.ts';
import { placeholders, withPattern, type ReplyPattern } from './reply-pattern.ts';

export const LIST_SUBJECTS: Readonly<Record<ListWord, ListSubject>> = {
  reject_rbl_client: 'client',
  reject_rhsbl_client: 'client_name',
  reject_rhsbl_reverse_client: 'reverse_client',
  reject_rhsbl_helo: 'helo',
  reject_rhsbl_sender: 'sender',
  reject_rhsbl_recipient: 'recipient',
  permit_dnswl_client: 'client',
  permit_rhswl_client: 'client_name',
  skip_greylist_dnswl_client: 'client',
};

/** `$rbl_class` of Postfix. */
const CLASSES: Readonly<Record<ListSubject, string>> = {
  client: LIST_CLASSES.client,
  client_name: LIST_CLASSES.client,
  reverse_client: 'Unverified Client host',
  helo: LIST_CLASSES.helo,
  sender: LIST_CLASSES.sender,
  recipient: LIST_CLASSES.recipient,
};

/** Whom a listing is about. Whoever writes a sender or recipient is not the one who bears the name. */
const LISTED: Readonly<Partial<Record<ListSubject, Listed>>> = {
  client: 'client',
  client_name: 'client',
  reverse_client: 'client',
  helo: 'client',
  sender: 'sender',
};

/** `reply`: instead of Postfix's words. */
export function listRule(
  written: string,
  word: ListWord,
  site: ListSite,
  known: KnownLists,
  reply: ReplyPattern | null,
): Rule {
  const use = useOf(word, site);
  if (use.does === 'refuse') return refusal(written, use, known, reply);
  return lenient(written, use, known, {
    action: word === 'skip_greylist_dnswl_client' ? 'skip_greylist' : 'permit',
  });
}

export function useOf(word: ListWord, site: ListSite): ListUse {
  return { subject: LIST_SUBJECTS[word], site, does: word.startsWith('reject_') ? 'refuse' : 'permit' };
}

function refusal(written: string, use: ListUse, known: KnownLists, own: ReplyPattern | null): Rule {
  const who = LISTED[use.subject];
  const byList = { byList: true, ...(who === undefined ? {} : { listed: who }) } as const;
  return {
    word: written,
    when: saysSo(use, known, false),
    may: ['reject', 'tempfail'],
    outcome(findings, session) {
      const facts = {
        ...placeholders(session),
        class: CLASSES[use.subject],
        name: subjectName(session, use.subject),
        zone: use.site.alias,
        reason: findings.get(listingId(use.subject, use.site.zone))?.facts['text'] ?? '',
      };
      const usual = fillReply(facts.reason === '' ? BLOCKED : BLOCKED_WHY, facts);
      const reply = own === null ? usual : withPattern(usual, own, facts, false);
      return { effect: refusing(reply), reason: reasonOf(use, known, findings), ...byList };
    },
  };
}

/** default_rbl_reply of main.cf. */
const BLOCKED = {
  code: 554,
  status: '5.7.1',
  text: 'Service unavailable; %{class} [%{name}] blocked using %{zone}',
  parameter: 'maps_rbl_reject_code',
} as const;
const BLOCKED_WHY = { ...BLOCKED, text: `${BLOCKED.text}; %{reason}` } as const;

/** Whether a whitelist that can't tell would have spared the client, nobody knows: then no DNS list refuses for good. */
function lenient(
  written: string,
  use: ListUse,
  known: KnownLists,
  effect: Extract<Effect, { action: 'permit' | 'skip_greylist' }>,
): Rule {
  const permits = effect.action === 'permit';
  return {
    word: written,
    when: {
      kind: 'told',
      checks: [listingId(use.subject, use.site.zone), standingId(use.subject, use.site.zone)],
      tells(findings) {
        const says = listSays(use, known, findings, permits);
        if (says.state === 'missing') return says.checks;
        if (says.state === 'unknown') return permits ? says.givenUp !== true : 'unknown';
        return says.state === 'listed';
      },
    },
    may: permits ? ['permit'] : [],
    outcome(findings, session): Ruling {
      const says = listSays(use, known, findings, permits);
      if (says.state !== 'unknown') return { effect, reason: reasonOf(use, known, findings) };
      return {
        effect: { action: 'defer_if_listed', reply: unavailable(session, use.subject) },
        reason: `could not be told: ${says.why}`,
      };
    },
  };
}

/** As permit_dnswl_addr in smtpd_check.c. */
export function unavailable(session: Session, subject: ListSubject): ReturnType<typeof tempfail> {
  const name = subjectName(session, subject);
  return tempfail(450, '4.7.1', `<${name}>: ${CLASSES[subject]} rejected: Service unavailable`);
}

/** `listed: zen.spamhaus.org 127.0.0.4`, and behind it what the list says why, where that was asked for. */
function reasonOf(use: ListUse, known: KnownLists, findings: Findings): string {
  const says = listSays(use, known, findings, false);
  const { alias, zone } = use.site;
  if (says.state !== 'listed') return `not listed: ${writtenSite(use.site)}`;
  const text = findings.get(listingId(use.subject, zone))?.facts['text'] ?? '';
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  return `listed: ${alias} ${says.answers.join(' ')}${shown === '' ? '' : `: ${shown}`}`;
}

/** Of what a stranger says, for a line of the log: an address of his web site fits. */
const LONGEST_TEXT = 200;
