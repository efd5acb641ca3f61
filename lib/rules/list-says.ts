/** Owns what a DNS list says of a session, as far as it may be believed: the findings of its two checks together. */

import { listingId } from '../checks/listing.ts';
import { standingId } from '../checks/list-standing.ts';
import type { ListSubject } from '../checks/list-subject.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import { listed } from '../lists/list-answer.ts';
import type { ListSite } from '../lists/list-site.ts';
import type { CheckId, Finding } from '../policy/finding.ts';
import type { Condition, Findings, Held } from '../policy/rule.ts';

/** What rules have to know of lists besides their own. */
export interface ListContext {
  readonly known: KnownLists;
  /** The lists of every `dnsbl_score`: what the score is made of. */
  readonly weighed: readonly ListSite[];
}

/** What a list is asked for by a rule. */
export interface ListUse {
  readonly subject: ListSubject;
  readonly site: ListSite;
  readonly does: 'refuse' | 'permit';
}

/** `answers`: those that count, with a blank between them. */
export type Says =
  | { readonly state: 'listed'; readonly answers: readonly string[] }
  | { readonly state: 'not_listed' }
  /** `givenUp`: nor has it been able to for a day. */
  | { readonly state: 'unknown'; readonly why: string; readonly givenUp?: true }
  | { readonly state: 'missing'; readonly checks: readonly CheckId[] };

/**
 * A listing counts only while the list is proven sane. `thorough`: that nothing is listed counts likewise: else a list
 * that is not asked further is believed in that.
 */
export function listSays(
  { subject, site, does }: ListUse,
  known: KnownLists,
  findings: Findings,
  thorough: boolean,
): Says {
  const ids = [listingId(subject, site.zone), standingId(subject, site.zone)] as const;
  const standing = thorough ? findings.get(ids[1]) : undefined;
  const listing = findings.get(ids[0]);
  if (thorough && standing !== undefined && standing.result !== 'proven') return unproven(standing);
  if (listing === undefined)
    return { state: 'missing', checks: thorough && standing === undefined ? ids : [ids[0]] };
  if (listing.result === 'temperror') return { state: 'unknown', why: listing.facts['why'] ?? '' };
  const records = (listing.facts['answers'] ?? '').split(' ');
  const answers = listed(site, known.find(site.zone), records, does);
  if (answers.length === 0 && !thorough) return NOT_LISTED;
  const proof = standing ?? findings.get(ids[1]);
  if (proof === undefined) return { state: 'missing', checks: [ids[1]] };
  if (proof.result !== 'proven') return unproven(proof);
  if (answers.length > 0 && listing.facts['madness'] !== proof.facts['madness']) return OUTDATED;
  return answers.length === 0 ? NOT_LISTED : { state: 'listed', answers };
}

/** A session may last: what is known of its client since its beginning is not, once the list has gone mad and come back. */
const OUTDATED: Says = { state: 'unknown', why: 'it has listed the world since it was asked' };

const NOT_LISTED: Says = { state: 'not_listed' };

function unproven({ result, facts }: Finding): Says {
  if (result === 'temperror') return { state: 'unknown', why: facts['why'] ?? '' };
  return { state: 'unknown', why: 'it has been out for more than a day', givenUp: true };
}

/** Of a rule: it holds if the list says so. */
export function saysSo(use: ListUse, known: KnownLists, thorough: boolean): Condition {
  return {
    kind: 'told',
    checks: [listingId(use.subject, use.site.zone), standingId(use.subject, use.site.zone)],
    tells: (findings) => heldBy(listSays(use, known, findings, thorough)),
  };
}

function heldBy(says: Says): Held | readonly CheckId[] {
  switch (says.state) {
    case 'missing':
      return says.checks;
    case 'unknown':
      return 'unknown';
    case 'listed':
      return true;
    case 'not_listed':
      return false;
  }
}
