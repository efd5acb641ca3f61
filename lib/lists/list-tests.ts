/** Owns what the tests of a DNS list ask, and what their answers show of it. */

import { randomBytes, randomInt } from 'node:crypto';
import type { Answer } from '../dns/resolver.ts';
import type { AnnouncedList } from './announced-list.ts';
import { OUTSIDE, REFUSED } from './list-answer.ts';
import { matches } from './list-pattern.ts';

/** `failed`: no answer that says anything; it takes two of them to call a list dead. */
export type Evidence =
  | { readonly shows: 'good' }
  | { readonly shows: 'blind' | 'lists-the-world'; readonly why: string; readonly instead: string }
  | { readonly shows: 'failed'; readonly why: string };

export const GOOD: Evidence = { shows: 'good' };

/** What helps where a list refuses who asks. */
export const OWN_RESOLVER =
  'let Postern ask a resolver of your own (dns.servers), or use a key if the list sells one';

/** Of the entry that is always listed. */
export function judgeListed({ kind, tests, never, known }: AnnouncedList, answer: Answer<string>): Evidence {
  const entry = tests.listed!;
  switch (answer.status) {
    case 'temperror':
      return { shows: 'failed', why: `asked for its test entry ${entry}: ${answer.why}` };
    case 'nxdomain':
    case 'nodata':
      // Many lists have their IPv6 addresses, but not this one.
      if (kind === 'ipv6') return GOOD;
      return known
        ? {
            shows: 'blind',
            why: `its test entry ${entry} is not listed: the list answers nothing to this resolver`,
            instead: OWN_RESOLVER,
          }
        : {
            shows: 'blind',
            why: `its test entry ${entry} is not listed`,
            instead: `add ${entry} to it if the list is yours; else see whether its name is misspelled, or whether it refuses this resolver`,
          };
    case 'found': {
      const { records } = answer;
      const outside = outsideEvidence(entry, records);
      if (outside !== null) return outside;
      const expected = tests.answer;
      if (expected !== null && records.some((record) => matches(expected, record))) return GOOD;
      const errors = [REFUSED, ...never];
      const good = records.some((record) => !errors.some((error) => matches(error, record)));
      return good ? GOOD : refusal(records);
    }
  }
}

/** Of an entry that nobody may list: the usual one, or a canary. */
export function judgeUnlisted({ never }: AnnouncedList, entry: string, answer: Answer<string>): Evidence {
  switch (answer.status) {
    case 'temperror':
      return { shows: 'failed', why: `asked for ${entry}: ${answer.why}` };
    case 'nxdomain':
    case 'nodata':
      return GOOD;
    case 'found': {
      const { records } = answer;
      const outside = outsideEvidence(entry, records);
      if (outside !== null) return outside;
      const errors = [REFUSED, ...never];
      if (records.every((record) => errors.some((error) => matches(error, record)))) return refusal(records);
      return {
        shows: 'lists-the-world',
        why: `${entry}, which no list may have, is listed (${few(records)}): it lists everybody`,
        instead: 'remove the list if it stays so: a list that is given up often ends like this',
      };
    }
  }
}

/** The worse counts. */
export function worst(a: Evidence, b: Evidence): Evidence {
  const order = ['good', 'failed', 'blind', 'lists-the-world'];
  return order.indexOf(a.shows) >= order.indexOf(b.shows) ? a : b;
}

/**
 * What nobody has asked before, so that no cache can know it: an address in 127.128.0.0/9, as IPv6 where the usual entry
 * is; a label below `invalid`.
 */
export function canaryEntry({ kind, tests }: AnnouncedList): string {
  const entry = tests.unlisted ?? tests.listed ?? '';
  if (kind === 'name') return `${randomBytes(8).toString('hex')}.invalid`;
  const [a, b] = [0x7f80 + randomInt(0x80), randomInt(0x1_0000)];
  if (kind === 'ipv6' || entry.includes(':')) return `::ffff:${a.toString(16)}:${b.toString(16)}`;
  return `127.${a & 0xff}.${b >> 8}.${b & 0xff}`;
}

function outsideEvidence(entry: string, records: readonly string[]): Evidence | null {
  const outside = records.find((record) => matches(OUTSIDE, record));
  return outside === undefined
    ? null
    : {
        shows: 'lists-the-world',
        why: `${entry} is answered with ${outside}, outside 127.0.0.0/8: the zone is parked, or the resolver rewrites answers`,
        instead: `remove the list if it is gone; else ${OWN_RESOLVER}`,
      };
}

function refusal(records: readonly string[]): Evidence {
  return { shows: 'blind', why: `the list refuses this resolver (${few(records)})`, instead: OWN_RESOLVER };
}

/** Of what a stranger says, as much as fits into a line. */
function few(records: readonly string[]): string {
  return records.length <= 3 ? records.join(', ') : `${records.slice(0, 3).join(', ')} …`;
}
