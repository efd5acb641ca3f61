/** Owns what the DNS lists said of a message's client and names, as headers tell it. */

import { listingId, listingOf } from '../checks/listing.ts';
import { standingId } from '../checks/list-standing.ts';
import { domainOf, type ListSubject } from '../checks/list-subject.ts';
import type { MethodResult } from '../headers/authentication-results.ts';
import type { ListedSubject, ListSaid } from '../headers/dnsbl-result.ts';
import { errorAnswers, type Use } from '../lists/list-answer.ts';
import { matches } from '../lists/list-pattern.ts';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { shownZone } from '../mail/secret-zone.ts';
import type { Session } from '../mail/session.ts';
import type { Finding } from '../policy/finding.ts';
import { listSays, type Says } from '../rules/list-says.ts';
import { isMissing, scoreOf } from '../rules/score.ts';
import type { HeaderSettings } from './header-settings.ts';
import type { KnownFindings } from './known-findings.ts';

/** The subjects that are facts of the client or the message, in the order of the header. */
const SUBJECTS = {
  client: 'ip',
  client_name: 'client',
  reverse_client: 'ptr',
  helo: 'helo',
  sender: 'sender',
} as const satisfies Partial<Record<ListSubject, ListedSubject['subject']>>;

type Told = keyof typeof SUBJECTS;
const TOLD = Object.keys(SUBJECTS).filter((name): name is Told => Object.hasOwn(SUBJECTS, name));

/** Every list that was asked and whose answer is known; subjects that no list was asked about are left out. */
export function listedSubjects(
  settings: HeaderSettings,
  findings: KnownFindings,
  session: Session,
): ListedSubject[] {
  const asked = findings.ids().flatMap((id) => listingOf(id) ?? []);
  if (asked.length === 0) return [];
  return TOLD.flatMap((subject) => {
    const value = valueOf(session, subject);
    if (value === null) return [];
    const zones = asked.filter((each) => each.subject === subject).map(({ zone }) => zone);
    const lists = inPolicyOrder(zones, settings).flatMap((zone) => saidOf(subject, zone, settings, findings));
    return lists.length === 0 ? [] : [{ subject: SUBJECTS[subject], value, lists }];
  });
}

/** Answers come in any order: in that of the rules they are the same each time. What only tables name comes last. */
function inPolicyOrder(zones: readonly string[], { uses }: HeaderSettings): string[] {
  const places = new Map(uses.map(({ site }, i) => [site.zone, i] as const).toReversed());
  const place = (zone: string): number => places.get(zone) ?? uses.length;
  return zones.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function valueOf(session: Session, subject: Told): string | null {
  if (subject === 'client') return session.client.address?.text ?? null;
  const domain = domainOf(session, subject);
  return domain === null ? null : asciiDomain(withoutRootDot(domain));
}

function saidOf(
  subject: ListSubject,
  zone: string,
  settings: HeaderSettings,
  findings: KnownFindings,
): ListSaid[] {
  const listing = findings.get(listingId(subject, zone));
  if (listing === undefined || isNotAsked(listing)) return [];
  return [{ alias: aliasOf(zone, settings), said: answerOf(listing, { subject, zone }, settings, findings) }];
}

/** As reported by a list that is proven sane, whether or not a rule is after these records. */
function answerOf(
  listing: Finding,
  { subject, zone }: { readonly subject: ListSubject; readonly zone: string },
  settings: HeaderSettings,
  findings: KnownFindings,
): ListSaid['said'] {
  if (listing.result === 'not_listed') return 'none';
  if (listing.result !== 'listed') return 'unknown';
  const records = recordsOf(listing).filter((record) => !isError(record, zone, settings));
  if (records.length === 0) return 'unknown';
  const proof = findings.get(standingId(subject, zone));
  // It may have listed the world since it was asked.
  const holds = proof?.result === 'proven' && proof.facts['madness'] === listing.facts['madness'];
  return holds ? records : 'unknown';
}

function recordsOf({ facts }: Finding): string[] {
  return (facts['answers'] ?? '').split(' ').filter((record) => record !== '');
}

/** What a whitelist means by it is another thing than what a blacklist does. */
function isError(record: string, zone: string, { uses, known }: HeaderSettings): boolean {
  const permits = uses.some(({ site, does }) => site.zone === zone && does === 'permit');
  const use: Use = permits ? 'permit' : 'refuse';
  return errorAnswers(known.find(zone), use).some((error) => matches(error, record));
}

/** Nobody was asked: it is ours, or nothing that a list could know. */
function isNotAsked({ result, facts }: Finding): boolean {
  return result === 'not_listed' && facts['why'] !== undefined;
}

function aliasOf(zone: string, { uses }: HeaderSettings): string {
  return uses.find(({ site }) => site.zone === zone)?.site.alias ?? shownZone(zone);
}

/** The sum of the weights; null: there are none, or some list that has one was not asked. */
export function scoreKnown({ weighed, known }: HeaderSettings, findings: KnownFindings): number | null {
  if (weighed.length === 0) return null;
  if (weighed.some(({ zone }) => findings.get(listingId('client', zone)) === undefined)) return null;
  const score = scoreOf(weighed, known, findings);
  return isMissing(score) ? null : score.sum;
}

/**
 * Of each whitelist that was asked about the client (RFC 8904 §3). `pass` is what the policy takes for a whitelisting;
 * `permerror`: all that the list had to say were errors.
 */
export function whitelistResults(settings: HeaderSettings, findings: KnownFindings): MethodResult[] {
  const uses = settings.uses.filter(({ subject, does }) => subject === 'client' && does === 'permit');
  if (uses.length === 0) return [];
  const zones = [...new Set(uses.map(({ site }) => site.zone))].slice(0, MOST_WHITELISTS);
  return zones.flatMap((zone) => {
    const listing = findings.get(listingId('client', zone));
    if (listing === undefined || isNotAsked(listing)) return [];
    const says = uses
      .filter(({ site }) => site.zone === zone)
      .map((use) => listSays(use, settings.known, findings, false));
    return [whitelistResult(zone, listing, says, settings)];
  });
}

const MOST_WHITELISTS = 20;

function whitelistResult(
  zone: string,
  listing: Finding,
  says: readonly Says[],
  settings: HeaderSettings,
): MethodResult {
  const method = 'dnswl';
  const dnsZone = { name: 'dns.zone', value: aliasOf(zone, settings) } as const;
  const answers = [...new Set(says.flatMap((each) => (each.state === 'listed' ? each.answers : [])))];
  if (answers.length > 0) {
    const text = listing.facts['text'];
    const properties = [
      dnsZone,
      { name: 'policy.ip', value: answers.join(',') } as const,
      ...(text === undefined ? [] : [{ name: 'policy.txt', value: text } as const]),
    ];
    return { method, result: 'pass', properties };
  }
  const known = says.every(({ state }) => state === 'not_listed');
  const records = recordsOf(listing);
  const erred = records.length > 0 && records.every((record) => isError(record, zone, settings));
  return { method, result: !known ? 'temperror' : erred ? 'permerror' : 'none', properties: [dnsZone] };
}
