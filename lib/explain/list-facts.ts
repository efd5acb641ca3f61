/** Owns what DNS lists told a rule, in as few words as can be: what counts first, then what could not tell, then the rest. */

import { standingOf } from '../checks/list-standing.ts';
import { listingOf } from '../checks/listing.ts';
import type { AskedCheck } from './trace.ts';

/** Whether a check is one of a DNS list. */
export function isOfList({ id }: AskedCheck): boolean {
  return listingOf(id) !== null || standingOf(id) !== null;
}

/**
 * `bl.spamcop.net 127.0.0.2`, `out: list.dnswl.org (blind)`, `not listed: psbl.surriel.com, bl.blocklist.de`. Why a list is
 * out stands above, in the notes. `told`: what is said already; what is part of it is not said again.
 */
export function listFacts(checks: readonly AskedCheck[], told: string): string[] {
  const listings = checks.flatMap((check) => {
    const about = listingOf(check.id);
    return about === null ? [] : [{ ...check, list: about.zone }];
  });
  const out = new Map([...listings.flatMap(notAsked), ...checks.flatMap(outOf)]);
  const heard = listings.filter(({ list }) => !out.has(list));
  const newlyOut = [...out].flatMap(([list, state]) => (told.includes(list) ? [] : [`${list}${state}`]));
  return [
    ...heard.filter(({ result }) => result === 'listed').flatMap((each) => listed(each, told)),
    ...(newlyOut.length === 0 ? [] : [`out: ${newlyOut.join(', ')}`]),
    ...heard
      .filter(({ result }) => result === 'temperror')
      .map(({ list, facts }) => couldNotTell(list, facts['why'])),
    ...silent(heard.filter(({ result }) => result === 'not_listed')),
  ];
}

type Listing = AskedCheck & { readonly list: string };

/** See checks/listing.ts. */
function notAsked({ list, result, facts }: Listing): [string, string][] {
  return result === 'temperror' && facts['why']?.endsWith('is not asked while it is out') === true
    ? [[list, '']]
    : [];
}

/** By list: its state, see checks/list-standing.ts. */
function outOf({ id, result, facts }: AskedCheck): [string, string][] {
  const list = standingOf(id)?.zone ?? null;
  if (list === null || result === 'proven') return [];
  const [, state] = / is ([a-z-]+)(?::|$)/.exec(facts['why'] ?? '') ?? [];
  if (state !== undefined) return [[list, ` (${state})`]];
  return [[list, result === 'temperror' ? ` (${facts['why'] ?? ''})` : ' (for more than a day)']];
}

function listed({ list, facts }: Listing, told: string): string[] {
  const { answers = '', text } = facts;
  const said = `${list} ${answers}`;
  if (told.includes(said)) return [];
  return [text === undefined ? said : `${said} (${text})`];
}

/** Most reasons name the list themselves. */
function couldNotTell(list: string, why = ''): string {
  return `could not tell: ${why.includes(list) ? why : `${list}: ${why}`}`;
}

/** Lists of the same kind of silence stand together. */
function silent(listings: readonly Listing[]): string[] {
  const found = new Map<string, string[]>();
  for (const { list, facts } of listings) {
    const why = facts['why'];
    const how = why === undefined ? 'not listed' : why.startsWith('not asked') ? why : `not asked (${why})`;
    found.set(how, [...(found.get(how) ?? []), list]);
  }
  return [...found].map(([how, lists]) => `${how}: ${[...new Set(lists)].join(', ')}`);
}
