/** Owns the rule `dnsbl_score:`: DNS lists with weights, as postscreen adds them up, and what each sum comes to. */

import { LISTS_THAT_WE_KNOW } from '../lists/known-lists.ts';
import { parseListSite, writtenSite, type ListSite } from '../lists/list-site.ts';
import { adviceOnScore } from './list-advice.ts';
import { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import type { PlacedRestriction } from './restrictions.ts';
import { field, readSection, sectionSchema, type Entries, type Section } from '../yaml/section.ts';
import { tokensOf } from './tokens.ts';
import { nullable, single, itemsOf, textual, type JsonSchema, type Reader } from '../yaml/value.ts';

/** Each pattern counts once, however many answers match it. Null: that threshold was not written. */
export interface DnsblScore {
  readonly sites: readonly ListSite[];
  /** From this sum on; above 0. */
  readonly reject: number | null;
  /** From this sum on; below `reject`, above `permit`. */
  readonly greylist: number | null;
  /** Down from this sum; below 0. */
  readonly permit: number | null;
}

/** One site, or several as postscreen_dnsbl_sites has them. */
const sites: Reader<readonly ListSite[]> = {
  schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
  read(place) {
    const read = itemsOf(place).flatMap((item) => (item.empty ? [] : sitesIn(item)));
    if (place.sound && read.length === 0)
      place.error('there is no list', 'write one such as "zen.spamhaus.org=127.0.0.[2..11]*3"');
    return read;
  },
};

function sitesIn(place: Place): ListSite[] {
  const text = single(place, '"zen.spamhaus.org=127.0.0.[2..11]*3"');
  return tokensOf(text ?? '').flatMap(({ text, within }) => {
    const read = parseListSite(text);
    if (!read.ok) return place.error(read.what, read.instead, within + read.within) ?? [];
    const { site } = read;
    if (site.weight === 0)
      place.warning(`${writtenSite(site)} weighs nothing`, 'write a weight such as *2, or remove it', within);
    const lists = place.source.premise(LISTS_THAT_WE_KNOW);
    for (const { what, instead } of adviceOnScore(site, lists)) place.warning(what, instead, within);
    return [site];
  });
}

const threshold = nullable(
  textual<number>({ type: 'integer' }, '5', (text, place) =>
    /^[+-]?\d{1,6}$/.test(text)
      ? Number(text)
      : place.error(`"${shown(text)}" is not a whole number`, 'write one such as 5'),
  ),
);

const score = {
  later: [],
  belongs: (key: string): string | null =>
    ['reply', 'at', 'name'].includes(key) ? 'write it beside dnsbl_score' : null,
  fields: {
    sites: field(sites, []),
    reject: field(threshold, null),
    greylist: field(threshold, null),
    permit: field(threshold, null),
  },
} satisfies Section;

export const dnsblScoreSchema: JsonSchema = { ...sectionSchema(score), required: ['sites'] };

/** `place` is what stands behind `dnsbl_score:`. */
export function readDnsblScore(place: Place): PlacedRestriction {
  const entries = readSection(place, score);
  judgeSites(place, entries);
  judgeThresholds(place, entries);
  const { sites, reject, greylist, permit } = entries;
  return {
    word: 'dnsbl_score',
    written: 'dnsbl_score',
    table: null,
    list: null,
    options: null,
    score: { sites: sites.value, reject: reject.value, greylist: greylist.value, permit: permit.value },
    warnOnly: false,
    soft: false,
    within: 0,
  };
}

function judgeSites(place: Place, { sites }: Entries<typeof score.fields>): void {
  if (!sites.written)
    place.error('there are no sites', 'write sites: ["zen.spamhaus.org=127.0.0.[2..11]*3"]');
  const seen = new Set<string>();
  for (const site of sites.value) {
    const { zone, pattern } = site;
    const asked = `${zone}=${pattern?.text ?? ''}`;
    if (seen.has(asked))
      sites.place.warning(
        `${writtenSite({ ...site, weight: 1 })} is there twice`,
        'add the weights up in one',
      );
    seen.add(asked);
  }
}

function judgeThresholds(place: Place, entries: Entries<typeof score.fields>): void {
  const { reject, greylist, permit, sites } = entries;
  const [most, least] = [sum(sites.value, 1), sum(sites.value, -1)];
  if (![reject, greylist, permit].some(({ written }) => written))
    place.error('the sum comes to nothing', 'write reject: 6, greylist: 3 or permit: -3, or several of them');
  if (reject.value !== null && reject.value <= 0)
    reject.place.error(`a client on no list has 0, and would be refused`, 'write a number above 0');
  if (permit.value !== null && permit.value >= 0)
    permit.place.error(`a client on no list has 0, and would be permitted`, 'write a number below 0');
  if (greylist.value !== null && reject.value !== null && greylist.value >= reject.value)
    greylist.place.error(
      `who has ${greylist.value} is refused already: reject is ${reject.value}`,
      'write a number below reject',
    );
  if (greylist.value !== null && permit.value !== null && greylist.value <= permit.value)
    greylist.place.error(
      `who has ${greylist.value} is permitted already: permit is ${permit.value}`,
      'write a number above permit',
    );
  else if (greylist.value !== null && greylist.value <= 0)
    greylist.place.warning('a client on no list has 0, and is greylisted', 'write a number above 0');
  if (!sites.place.sound) return;
  for (const { value, place } of [reject, greylist])
    if (value !== null && value > most)
      place.warning(`all lists together come to ${most}: ${value} is never reached`, `write ${most} or less`);
  if (permit.value !== null && permit.value < least)
    permit.place.warning(
      `all lists together come to ${least}: ${permit.value} is never reached`,
      least === 0 ? 'give a whitelist a negative weight, such as *-4' : `write ${least} or more`,
    );
}

/** Of the weights of that sign. */
function sum(sites: readonly ListSite[], sign: 1 | -1): number {
  return sites.reduce((all, { weight }) => (Math.sign(weight) === sign ? all + weight : all), 0);
}
