/** Owns the words that ask a DNS list: what each one is after, and what is wrong or risky about the list behind it. */

import { firstInBoth, without } from '../lists/pattern-overlap.ts';
import type { KnownList, KnownLists } from '../lists/known-lists.ts';
import { errorAnswers } from '../lists/list-answer.ts';
import type { ListPattern } from '../lists/list-pattern.ts';
import type { ListSite } from '../lists/list-site.ts';
import { WORDS, type ListWord, type Word } from './policy-words.ts';

export interface Advice {
  readonly what: string;
  readonly instead: string;
}

/** What a listing comes to, and what is looked up. */
interface Use {
  readonly does: 'refuse' | 'permit';
  readonly asks: 'address' | 'name';
}

const USES: Readonly<Record<ListWord, Use>> = {
  reject_rbl_client: { does: 'refuse', asks: 'address' },
  reject_rhsbl_client: { does: 'refuse', asks: 'name' },
  reject_rhsbl_reverse_client: { does: 'refuse', asks: 'name' },
  reject_rhsbl_helo: { does: 'refuse', asks: 'name' },
  reject_rhsbl_sender: { does: 'refuse', asks: 'name' },
  reject_rhsbl_recipient: { does: 'refuse', asks: 'name' },
  permit_dnswl_client: { does: 'permit', asks: 'address' },
  permit_rhswl_client: { does: 'permit', asks: 'name' },
  skip_greylist_dnswl_client: { does: 'permit', asks: 'address' },
};

/** For messages: the word with a list that fits it. */
export function exampleOf(word: ListWord, lists: KnownLists): string {
  const { does, asks } = USES[word];
  const fit = lists.all.find(
    ({ kind, refuse, permit }) =>
      (does === 'refuse' ? refuse : permit) !== null && (kind === 'names') === (asks === 'name'),
  );
  const pattern = does === 'refuse' ? fit?.refuse : fit?.permit;
  return fit === undefined ? `${word} list.example.org=127.0.0.2` : `${word} ${fit.zone}=${pattern}`;
}

export function isListWord(word: Word): word is ListWord {
  return WORDS[word] === 'zone';
}

/** Of a rule that is right as such. */
export function adviceOnRule(word: ListWord, site: ListSite, lists: KnownLists): readonly Advice[] {
  const use = USES[word];
  const known = lists.find(site.zone);
  // Who copied it without his key would ask nobody.
  const put = (pattern: string): string =>
    site.alias === site.zone ? `write ${word} ${site.zone}=${pattern}` : `write =${pattern} behind the zone`;
  return (
    adviceOnSite(site, known, use, put) ?? [
      ...unfit(use, site, known),
      ...adviceOnPattern(site, known, use, put),
    ]
  );
}

/** Of a site of dnsbl_score; a negative weight is a permit. */
export function adviceOnScore(site: ListSite, lists: KnownLists): readonly Advice[] {
  const known = lists.find(site.zone);
  const use: Use = { does: site.weight < 0 ? 'permit' : 'refuse', asks: 'address' };
  const put = (pattern: string): string => {
    const end = `=${pattern}${site.weight === 1 ? '' : `*${site.weight}`}`;
    return site.alias === site.zone ? `write "${site.zone}${end}"` : `write ${end} behind the zone`;
  };
  const role = use.does === 'permit' ? 'a negative weight' : 'a positive weight';
  return (
    adviceOnSite(site, known, use, put) ?? [
      ...unfit(use, site, known, role),
      ...adviceOnPattern(site, known, use, put),
    ]
  );
}

/** What makes the rest of no interest: the list is gone. Null: it is not. */
function adviceOnSite(
  { alias }: ListSite,
  known: KnownList | null,
  use: Use,
  put: (pattern: string) => string,
): Advice[] | null {
  if (known?.state === 'dead') {
    const since = known.since === null ? '' : ` since ${known.since}`;
    return [{ what: `the list ${alias} is dead${since}`, instead: known.terms ?? 'remove it' }];
  }
  if (known?.state === 'uncertain') {
    const safe = use.does === 'refuse' ? known.refuse : known.permit;
    const what = `it is uncertain whether the list ${alias} still answers`;
    return [{ what, instead: safe === null ? 'do without it' : `do without it, or ${put(safe)}` }];
  }
  return null;
}

/** A list for another purpose, or one that needs something. */
function unfit({ does, asks }: Use, { alias }: ListSite, known: KnownList | null, role?: string): Advice[] {
  if (known === null) return [];
  if (asks === 'address' && known.kind === 'names')
    return [
      {
        what: `${alias} lists names, not addresses`,
        instead: role === undefined ? `write reject_rhsbl_sender ${alias}` : 'remove it from the sites',
      },
    ];
  if (asks === 'name' && known.kind !== 'names')
    return [{ what: `${alias} lists addresses, not names`, instead: `ask it with ${wordFor(known)}` }];
  if (does === 'refuse' && known.kind === 'white')
    return [
      {
        what: `${alias} lists good senders`,
        instead: role ? 'give it a negative weight' : `ask it with ${wordFor(known)}`,
      },
    ];
  if (does === 'permit' && known.kind === 'black')
    return [
      {
        what: `${alias} lists bad senders`,
        instead: role ? 'give it a positive weight' : `ask it with ${wordFor(known)}`,
      },
    ];
  return known.terms === null
    ? []
    : [{ what: `${alias}: ${known.terms}`, instead: 'make sure of it, or remove it' }];
}

function wordFor({ kind }: KnownList): string {
  return kind === 'white' ? 'permit_dnswl_client' : 'reject_rbl_client';
}

function adviceOnPattern(
  site: ListSite,
  known: KnownList | null,
  use: Use,
  put: (pattern: string) => string,
): Advice[] {
  const safe = (use.does === 'refuse' ? known?.refuse : known?.permit) ?? null;
  // A list that is for something else has been told of already.
  if (site.pattern === null) {
    if (known !== null && safe === null) return [];
    const what =
      use.does === 'permit'
        ? `without a pattern ${site.alias} lets everybody in as soon as the list answers errors`
        : `without a pattern ${site.alias} takes the list's error answers for listings`;
    return [{ what, instead: put(safe ?? '127.0.0.[2..254]') }];
  }
  return errorsIn(site.pattern, use, known, put);
}

/** One for all of them, with a pattern that has none. */
function errorsIn(
  pattern: ListPattern,
  { does }: Use,
  known: KnownList | null,
  put: (pattern: string) => string,
): Advice[] {
  const never = errorAnswers(known, does);
  const met = never.flatMap((each) => firstInBoth(pattern, each) ?? []);
  if (met.length === 0) return [];
  let rest: ListPattern | null = pattern;
  for (const each of never) rest = rest === null ? null : without(rest, each);
  const safe = rest?.text ?? (does === 'refuse' ? known?.refuse : known?.permit) ?? '127.0.0.[2..254]';
  return [
    {
      what: `${pattern.text} matches ${met[0]!}, which is an error or a note, not a listing`,
      instead: put(safe),
    },
  ];
}
