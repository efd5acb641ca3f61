/** Owns the check whether a DNS list has an entry for the client, or for a name that he came with. */

import { ABORTED, type Answer, type Resolver } from '../dns/resolver.ts';
import type { ListKind } from '../lists/announced-list.ts';
import type { ListHealth, ListQuery } from '../lists/list-health.ts';
import { addressQuestion, nameQuestion } from '../lists/list-query.ts';
import { keyIn, withoutKeys } from '../mail/secret-zone.ts';
import type { NetworkSet } from '../mail/network.ts';
import type { Session, SessionAt, Stage } from '../mail/session.ts';
import type { AnyCheck, Check } from '../policy/check.ts';
import { found, temperror, type CheckId, type Finding } from '../policy/finding.ts';
import { domainOf, proofKind, SUBJECT_STAGES, type ListSubject } from './list-subject.ts';
import type { LocalDomains } from './local-domains.ts';

/** One list as it is asked. */
export interface AskedList {
  /** As it is written; it may hold a key, or stand for one. */
  readonly zone: string;
  /** As it may be shown. */
  readonly alias: string;
  /** The zone as the DNS has it; null: its key is missing. */
  readonly asked: string | null;
  /** Of a name: the host as it is, or its registered domain. */
  readonly wants: 'host' | 'registered';
  /** Whether there is a listing among the answers, and not only errors. */
  lists(answers: readonly string[]): boolean;
}

export interface ListAsking {
  readonly resolver: Resolver;
  readonly health: Pick<ListHealth, 'standing' | 'touch' | 'isOut' | 'believes' | 'madness' | 'saw'>;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly mynetworks: NetworkSet;
  /** Null: nobody said what is ours. */
  readonly ours: LocalDomains | null;
}

export function listingId(subject: ListSubject, zone: string): CheckId {
  return `${subject} in ${zone}`;
}

/** Of what a table's result may name; null: it is no id of a listing. */
export function listingOf(id: CheckId): { readonly subject: ListSubject; readonly zone: string } | null {
  const [, subject = '', zone = ''] = /^(\S+) in (\S+)$/.exec(id) ?? [];
  return isSubject(subject) ? { subject, zone } : null;
}

function isSubject(word: string): word is ListSubject {
  return Object.hasOwn(SUBJECT_STAGES, word);
}

type Listing = Finding<'listed' | 'not_listed'>;

/**
 * Facts: `answers`, the A records with a blank between them; `text`, what the list says why, perhaps empty. `explains`
 * tells whether the text is wanted for such answers: it is a query of its own.
 */
export function listing(
  subject: ListSubject,
  list: AskedList,
  asking: ListAsking,
  explains: (answers: readonly string[]) => boolean,
): AnyCheck {
  const check: Check<Stage, 'listed' | 'not_listed'> = {
    id: listingId(subject, list.zone),
    shown: `${subject} in ${list.alias}`,
    stage: SUBJECT_STAGES[subject],
    results: ['listed', 'not_listed'],
    far: true,
    run(session: SessionAt[Stage], signal) {
      const { asked } = list;
      if (asked === null) return temperror(`there is no key for ${list.alias}`);
      const kind = proofKind(session, subject);
      if (asking.health.isOut(asked, kind)) return temperror(`${list.alias} is not asked while it is out`);
      const ask = (query: Query | null): Listing | Promise<Listing> => {
        if (query === null) return NOT_ASKED;
        asking.health.touch(asked, kind);
        return lookUp(query, { ...list, asked }, kind, asking, explains, signal);
      };
      return subject === 'client'
        ? ask(addressQuery(session, asked, asking))
        : nameQuery(session, subject, asked, list.wants, asking).then(ask);
    },
  };
  return check;
}

const NOT_ASKED = found('not_listed', { why: 'not asked' });
const NOT_LISTED = found('not_listed');

interface Query {
  readonly name: string;
  /** The address or domain that is asked about. */
  readonly subject: string;
}

/** Null: nothing that a list could know, or nobody's business. */
function addressQuery({ client }: Session, zone: string, { mynetworks }: ListAsking): Query | null {
  const { address } = client;
  if (address === null || mynetworks.has(address)) return null;
  const name = addressQuestion(address, zone);
  return name === null ? null : { name, subject: address.text };
}

async function nameQuery(
  session: Session,
  subject: Exclude<ListSubject, 'client'>,
  zone: string,
  wants: AskedList['wants'],
  { ours }: ListAsking,
): Promise<Query | null> {
  const domain = domainOf(session, subject)?.toLowerCase() ?? null;
  // Whether it is ours can only fail to be told: then it is asked about as any other.
  if (domain === null || (ours !== null && (await ours(domain)) === true)) return null;
  const name = await nameQuestion(domain, zone, wants);
  return name === null ? null : { name, subject: domain };
}

async function lookUp(
  { name, subject }: Query,
  list: KeyedList,
  kind: ListKind,
  { resolver, health, elapsed }: ListAsking,
  explains: (answers: readonly string[]) => boolean,
  signal: AbortSignal,
): Promise<Listing> {
  const zone = list.asked;
  const madness = String(health.madness(zone, kind));
  const ask = async (of: Resolver): Promise<Answer<string>> => {
    const since = elapsed();
    const answer = await of.a(name, signal);
    const ms = 'remembered' in answer ? null : elapsed() - since;
    // Nobody waits: that says nothing of the list.
    if (answer !== ABORTED) health.saw(zone, { outcome: outcomeOf(answer, list), ms, subject }, kind);
    return answer;
  };
  const first = await ask(resolver);
  // What it listed a while ago it may have listed in a mad moment.
  const isOld = first.status === 'found' && first.remembered === true && resolver.fresh !== undefined;
  const answer = isOld ? await ask(resolver.fresh) : first;
  if (answer.status === 'temperror') return temperror(answer.why);
  if (answer.status !== 'found') return NOT_LISTED;
  if (!health.believes(zone, answer.ttl, kind))
    return temperror('the answer may be of the time when it listed the world');
  const { records } = answer;
  const text = explains(records) ? await reason(name, list, resolver, signal) : '';
  return found('listed', { answers: records.join(' '), madness, ...(text === '' ? {} : { text }) });
}

type KeyedList = AskedList & { readonly asked: string };

function outcomeOf(answer: Answer<string>, list: AskedList): ListQuery['outcome'] {
  switch (answer.status) {
    case 'temperror':
      return 'failed';
    case 'nxdomain':
    case 'nodata':
      return 'not_listed';
    case 'found':
      if (answer.records.some((record) => !record.startsWith('127.'))) return 'outside_127';
      return list.lists(answer.records) ? 'listed' : 'failed';
  }
}

/**
 * As Postfix joins and cleans it (rbl_pagein in smtpd_check.c, dns_lookup.c); empty: none. A list that repeats what it was
 * asked must not tell the world a customer's key.
 */
async function reason(
  name: string,
  { zone, asked, alias }: KeyedList,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<string> {
  // The listing stands without it: it must not cost the decision its time.
  const answer = await resolver.txt(name, AbortSignal.any([signal, AbortSignal.timeout(REASON_MS)]));
  if (answer.status !== 'found') return '';
  const text = answer.records
    .join(' / ')
    .slice(0, LONGEST_TEXT)
    .replace(/[^ -~]/g, ' ');
  const shown = asked === alias ? text : text.replace(new RegExp(RegExp.escape(asked), 'gi'), () => alias);
  const key = keyIn(zone, asked);
  const unnamed = key === '' ? shown : shown.replace(new RegExp(RegExp.escape(key), 'gi'), 'KEY');
  return withoutKeys(unnamed).slice(0, LONGEST_REASON).trim();
}

const REASON_MS = 1500;
/** So that a key is found whole where the reason is cut. */
const LONGEST_TEXT = 2000;

/** RBL_TXT_LIMIT in smtpd_check.c. */
const LONGEST_REASON = 500;
