/** Owns the check whether a DNS list has an entry for the client, or for a name that he came with. */

import type { Resolver } from '../dns/resolver.ts';
import type { ListHealth } from '../lists/list-health.ts';
import { addressQuery, nameQuery } from '../lists/list-query.ts';
import type { NetworkSet } from '../mail/network.ts';
import type { Session, SessionAt, Stage } from '../mail/session.ts';
import type { AnyCheck, Check } from '../policy/check.ts';
import { found, temperror, type CheckId, type Finding } from '../policy/finding.ts';
import { domainOf, SUBJECT_STAGES, type ListSubject } from './list-subject.ts';
import type { LocalDomains } from './local-domains.ts';

/** One list as it is asked. */
export interface AskedList {
  /** As it is written; it may hold a key, or stand for one. */
  readonly zone: string;
  /** As it may be shown. */
  readonly alias: string;
  /** The zone as the DNS has it; null: its key is missing. */
  readonly asked: string | null;
}

export interface ListAsking {
  readonly resolver: Resolver;
  readonly health: ListHealth;
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
  const stage = SUBJECT_STAGES[subject];
  const check: Check<Stage, 'listed' | 'not_listed'> = {
    id: listingId(subject, list.zone),
    shown: `${subject} in ${list.alias}`,
    stage,
    results: ['listed', 'not_listed'],
    far: true,
    run(session: SessionAt[Stage], signal) {
      if (list.asked === null) return temperror(`there is no key for ${list.alias}`);
      const { asked } = list;
      asking.health.touch(asked);
      const query = queryOf(session, subject, asked, asking);
      if (query === null) return NOT_ASKED;
      if (subject === 'client' || asking.ours === null) return lookUp(query, asked, asking, explains, signal);
      const settle = (
        ours: boolean | 'temperror',
      ): Finding<'listed' | 'not_listed'> | Promise<Finding<'listed' | 'not_listed'>> =>
        ours === true ? NOT_ASKED : lookUp(query, asked, asking, explains, signal);
      const ours = asking.ours(query.subject.toLowerCase());
      return ours instanceof Promise ? ours.then(settle) : settle(ours);
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
function queryOf(
  session: Session,
  subject: ListSubject,
  zone: string,
  { mynetworks }: ListAsking,
): Query | null {
  const { address } = session.client;
  if (subject === 'client') {
    if (address === null || mynetworks.has(address)) return null;
    const name = addressQuery(address, zone);
    return name === null ? null : { name, subject: address.text };
  }
  const domain = domainOf(session, subject);
  const name = domain === null ? null : nameQuery(domain, zone);
  return name === null ? null : { name, subject: domain! };
}

async function lookUp(
  { name, subject }: Query,
  zone: string,
  { resolver, health }: ListAsking,
  explains: (answers: readonly string[]) => boolean,
  signal: AbortSignal,
): Promise<Finding<'listed' | 'not_listed'>> {
  const answer = await resolver.a(name, signal);
  switch (answer.status) {
    case 'temperror':
      health.saw(zone, { outcome: 'failed', ms: null, subject });
      return temperror(answer.why);
    case 'nxdomain':
    case 'nodata':
      health.saw(zone, { outcome: 'not_listed', ms: null, subject });
      return NOT_LISTED;
    case 'found': {
      const { records } = answer;
      const outside = records.some((record) => !record.startsWith('127.'));
      health.saw(zone, { outcome: outside ? 'outside_127' : 'listed', ms: null, subject });
      const text = explains(records) ? await reason(name, resolver, signal) : '';
      return found('listed', { answers: records.join(' '), ...(text === '' ? {} : { text }) });
    }
  }
}

/** As Postfix joins and cleans it (rbl_pagein in smtpd_check.c, dns_lookup.c); empty: none. */
async function reason(name: string, resolver: Resolver, signal: AbortSignal): Promise<string> {
  const answer = await resolver.txt(name, signal);
  if (answer.status !== 'found') return '';
  return answer.records
    .join(' / ')
    .slice(0, LONGEST_REASON)
    .replace(/[^ -~]/g, ' ')
    .trim();
}

/** RBL_TXT_LIMIT in smtpd_check.c. */
const LONGEST_REASON = 500;
