/** Owns what `check` says of a DNS list that a rule asks: gone, mistyped, for another purpose, or a pattern with errors in it. */

import type { KnownList, KnownLists } from '../lists/known-lists.ts';
import { ownAnswers, USUAL } from '../lists/list-answer.ts';
import { firstInBoth } from '../lists/pattern-overlap.ts';
import { errorsIn } from '../lists/safe-pattern.ts';
import type { ListSite } from '../lists/list-site.ts';
import { nearestZone } from '../lists/zone-spelling.ts';
import { lacksKey, usualKeyName } from '../mail/secret-zone.ts';
import { USES, type WordUse } from './list-word.ts';
import type { ListWord } from './policy-words.ts';

export interface Advice {
  readonly what: string;
  readonly instead: string;
}

/** How a list may be asked: by a word, by a fact of a `when:`, as a site of a score. */
type Asking = ListWord | Fact | 'site';
type Fact = 'dnsbl' | 'dnswl';

const DOES = { dnsbl: 'refuse', dnswl: 'permit' } as const;

/** A list that is asked, and what is known of it. */
interface Asked extends WordUse {
  readonly by: Asking;
  readonly site: ListSite;
  /** Null: nothing is known of it. */
  readonly known: KnownList | null;
}

/** Of a rule that is right as such. */
export function adviceOnRule(word: ListWord, site: ListSite, lists: KnownLists): readonly Advice[] {
  return adviceOn({ by: word, ...USES[word], site, known: lists.find(site.zone) }, lists);
}

/** Of a site of dnsbl_score; a negative weight is a permit. */
export function adviceOnScore(site: ListSite, lists: KnownLists): readonly Advice[] {
  const does = site.weight < 0 ? 'permit' : 'refuse';
  return adviceOn({ by: 'site', does, asks: 'address', site, known: lists.find(site.zone) }, lists);
}

/** Of a list in a `when:`, whatever comes of it. */
export function adviceOnFact(does: WordUse['does'], site: ListSite, lists: KnownLists): readonly Advice[] {
  const by = does === 'refuse' ? 'dnsbl' : 'dnswl';
  return adviceOn({ by, does, asks: 'address', site, known: lists.find(site.zone) }, lists);
}

/** What makes the rest of no interest comes first, and alone. */
function adviceOn(asked: Asked, lists: KnownLists): readonly Advice[] {
  const alone = state(asked) ?? zone(asked, lists) ?? purpose(asked);
  return alone === null ? [...terms(asked), ...pattern(asked)] : [alone];
}

/** The list is gone, or may be. */
function state({ by, site, known, does }: Asked): Advice | null {
  if (known?.state === 'dead') {
    const since = known.since === null ? '' : ` since ${known.since}`;
    return { what: `the list ${site.alias} is dead${since}`, instead: known.terms ?? 'remove it' };
  }
  if (known?.state !== 'uncertain') return null;
  const what = `it is uncertain whether the list ${site.alias} still answers`;
  const safe = known[does];
  return { what, instead: safe === null ? 'do without it' : `do without it, or ${put(by, site, safe)}` };
}

/** A zone that nobody answers for. */
function zone({ site: { zone, alias }, known }: Asked, lists: KnownLists): Advice | null {
  if (known !== null) return null;
  const sold = lists.behindKey(zone);
  if (sold !== null || lacksKey(zone)) {
    const name = usualKeyName(zone);
    const from = sold?.key == null ? '' : ` (it comes from ${sold.key})`;
    return {
      what: `${alias} answers nobody without a key before it`,
      instead: `write \${${name}}. before the zone, and lists: { key_files: { ${name}: /etc/postern/${name}.key } } with the key in that file${from}`,
    };
  }
  const near = nearestZone(alias, lists);
  return near === null
    ? null
    : { what: `${alias} is not a list that we know`, instead: `did you mean ${near}?` };
}

/** A list for another purpose. */
function purpose(asked: Asked): Advice | null {
  const { by, does, asks, site, known } = asked;
  if (known === null) return null;
  const { alias } = site;
  const names = known.kind === 'names';
  const weighed = by === 'site';
  if (asks === 'address' && names)
    return {
      what: `${alias} lists names, not addresses`,
      instead: weighed ? 'remove it from the sites' : askedBy('reject_rhsbl_sender', asked, known),
    };
  if (asks === 'name' && !names)
    return {
      what: `${alias} lists addresses, not names`,
      instead: askedBy(wordFor(known), asked, known),
    };
  if (does === 'refuse' && known.kind === 'white')
    return {
      what: `${alias} lists good senders`,
      instead: weighed
        ? 'give it a negative weight'
        : askedBy(isFact(by) ? 'dnswl' : wordFor(known), asked, known),
    };
  if (does === 'permit' && (known.kind === 'black' || (names && known.permit === null)))
    return {
      what: `${alias} lists bad senders`,
      instead: weighed
        ? 'give it a positive weight'
        : askedBy(isFact(by) ? 'dnsbl' : wordFor(known), asked, known),
    };
  return null;
}

function wordFor({ kind }: KnownList): ListWord {
  if (kind === 'names') return 'reject_rhsbl_sender';
  return kind === 'white' ? 'permit_dnswl_client' : 'reject_rbl_client';
}

/** The list asked as it should be, with a pattern that is right for that: one cure for all. */
function askedBy(fit: ListWord | Fact, { by, site }: Asked, known: KnownList): string {
  const does = isFact(fit) ? DOES[fit] : USES[fit].does;
  const own = ownAnswers(known, does);
  // Another list's pattern, perhaps.
  const foreign = site.pattern === null || (own !== null && firstInBoth(site.pattern, own) === null);
  const written = foreign ? own : site.pattern;
  const unsafe = written === null ? null : errorsIn(written, known, does);
  const right = (unsafe === null ? written : (unsafe.best ?? own))?.text ?? null;
  if (!isShown(site))
    return `ask it with ${fit}${right === null ? '' : `, and write =${right} behind the zone`}`;
  const cure = put(fit, site, right);
  return isFact(by) && !isFact(fit) ? `as a rule of its own ${cure}` : cure;
}

function put(by: Asking, site: ListSite, pattern: string | null): string {
  const weight = by === 'site' && site.weight !== 1 ? `*${site.weight}` : '';
  const end = `${pattern === null ? '' : `=${pattern}`}${weight}`;
  if (!isShown(site)) return `write ${end} behind the zone`;
  if (by === 'site') return `write "${site.zone}${end}"`;
  return isFact(by) ? `write ${by}: "${site.zone}${end}"` : `write ${by} ${site.zone}${end}`;
}

/** Who copied a zone without its key would ask nobody. */
function isShown({ alias, zone }: ListSite): boolean {
  return alias === zone;
}

function isFact(by: Asking): by is Fact {
  return Object.hasOwn(DOES, by);
}

function terms({ site: { alias }, known }: Asked): Advice[] {
  const said = known?.terms ?? null;
  return said === null ? [] : [{ what: `${alias}: ${said}`, instead: 'make sure of it, or remove it' }];
}

function pattern({ by, does, site, known }: Asked): Advice[] {
  const own = ownAnswers(known, does);
  if (site.pattern === null) {
    if (own === null)
      return [
        {
          what: `without a pattern ${site.alias} lists nobody: no answer of it is known to mean that`,
          instead: 'write the answers that you mean behind its zone',
        },
      ];
    // Only what comes from Postfix may be meant otherwise.
    if (known !== null && isFact(by)) return [];
    const what =
      known === null
        ? `without a pattern only ${own.text} of ${site.alias} counts`
        : `without a pattern only ${own.text} of ${site.alias} counts (in Postfix every answer, errors too)`;
    return [{ what, instead: put(by, site, own.text) }];
  }
  const unsafe = errorsIn(site.pattern, known, does);
  if (unsafe === null) return [];
  return [
    {
      what: `${site.pattern.text} matches ${unsafe.met}, which is an error or a note, not a listing`,
      instead: put(by, site, (unsafe.best ?? own ?? USUAL).text),
    },
  ];
}
