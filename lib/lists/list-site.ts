/** Owns ListSite: a DNS list as a rule names it, `zone=pattern*weight`, as Postfix and its postscreen write it. */

import { isHostname } from '../mail/domain.ts';
import { parseListPattern, type ListPattern, type PatternFault } from './list-pattern.ts';
import { keyNameOf, shownZone } from '../mail/secret-zone.ts';

export interface ListSite {
  /** In lower case, without a trailing dot. It may hold a secret key, or `${name}` for one: never to be shown. */
  readonly zone: string;
  /** The zone as it may be shown: without the key. */
  readonly alias: string;
  /** Null: every answer that is a listing at all. */
  readonly pattern: ListPattern | null;
  /** 1 where none was written; may be negative. */
  readonly weight: number;
}

export type ParsedSite = { readonly ok: true; readonly site: ListSite } | PatternFault;

/** RFC 1035 §2.3.4, without the root's dot. */
const LONGEST_ZONE = 253;

/** Never throws; what is wrong names no key. */
export function parseListSite(text: string): ParsedSite {
  const star = text.indexOf('*');
  const unweighted = star < 0 ? text : text.slice(0, star);
  const weight = star < 0 ? 1 : weightOf(text.slice(star + 1));
  if (weight === null)
    return fault('the weight after * is not a whole number', 'write one such as *2 or *-4', star);
  const equals = unweighted.indexOf('=');
  const zone = withoutDot(equals < 0 ? unweighted : unweighted.slice(0, equals)).toLowerCase();
  const wrong = zoneFault(zone);
  if (wrong !== null) return wrong;
  const site = { zone, alias: shownZone(zone), weight };
  if (equals < 0) return { ok: true, site: { ...site, pattern: null } };
  const read = parseListPattern(unweighted.slice(equals + 1));
  if (!read.ok) return { ...read, within: read.within + equals + 1 };
  return { ok: true, site: { ...site, pattern: read.pattern } };
}

/** As in a log or a message: `zen.spamhaus.org=127.0.0.[2..11]*3`, never with a key in it. */
export function writtenSite({ zone, alias, pattern, weight }: ListSite): string {
  // One label alone could be read as the next word.
  const name = alias === zone && !zone.includes('.') ? `${zone}.` : alias;
  return `${name}${pattern === null ? '' : `=${pattern.text}`}${weight === 1 ? '' : `*${weight}`}`;
}

function weightOf(text: string): number | null {
  return /^\s*[+-]?\d{1,6}$/.test(text) ? Number(text) : null;
}

/** Names are absolute here with and without it. */
function withoutDot(zone: string): string {
  return zone.endsWith('.') ? zone.slice(0, -1) : zone;
}

function zoneFault(zone: string): PatternFault | null {
  if (zone === '') return fault('the zone of the list is missing', 'write one such as zen.spamhaus.org', 0);
  if (zone.length > LONGEST_ZONE)
    return fault('the zone is longer than a name of the DNS can be', 'write one such as zen.spamhaus.org', 0);
  // The name of a key stands where the key would.
  const name = keyNameOf(zone);
  const spelled = name === null ? zone : zone.replace(`\${${name}}`, 'key');
  if (isHostname(spelled)) return null;
  if (zone.includes('://') || zone.includes('/'))
    return fault('a list is named by its zone, not by a URL', 'write one such as zen.spamhaus.org', 0);
  if (zone.includes('$'))
    return fault(
      "a key is named by ${name} before the first dot; main.cf's $names mean nothing here",
      'write the value, or ${name} with a file below lists.key_files',
      0,
    );
  return fault('the zone is not a host name', 'write one such as zen.spamhaus.org', 0);
}

function fault(what: string, instead: string, within: number): PatternFault {
  return { ok: false, what, instead, within };
}
