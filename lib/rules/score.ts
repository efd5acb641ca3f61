/** Owns the score of a client: the weights of the DNS lists that list him, as postscreen adds them up. */

import { listingId } from '../checks/listing.ts';
import { standingId } from '../checks/list-standing.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import type { ListSite } from '../lists/list-site.ts';
import type { CheckId } from '../policy/finding.ts';
import type { Findings } from '../policy/rule.ts';
import { listSays } from './list-says.ts';

export interface Score {
  readonly sum: number;
  /** The sum if every whitelist that could not tell knew him: the lowest that it can be. */
  readonly lowest: number;
  /** The lists that count, as they are written. */
  readonly hits: readonly ListSite[];
}

/** Each site once, however many answers match it. A blacklist that can't tell counts nothing. */
export function scoreOf(
  sites: readonly ListSite[],
  known: KnownLists,
  findings: Findings,
): Score | readonly CheckId[] {
  const missing: CheckId[] = [];
  const hits: ListSite[] = [];
  let unknown = 0;
  for (const site of sites) {
    const spares = site.weight < 0;
    const use = { subject: 'client', site, does: spares ? 'permit' : 'refuse' } as const;
    const says = listSays(use, known, findings, spares);
    if (says.state === 'missing') missing.push(...says.checks);
    else if (says.state === 'listed') hits.push(site);
    else if (says.state === 'unknown' && spares && says.givenUp !== true) unknown += site.weight;
  }
  if (missing.length > 0) return missing;
  const sum = hits.reduce((all, { weight }) => all + weight, 0);
  return { sum, lowest: sum + unknown, hits };
}

export function isMissing(score: Score | readonly CheckId[]): score is readonly CheckId[] {
  return Array.isArray(score);
}

export function scoreChecks(sites: readonly ListSite[]): readonly CheckId[] {
  return sites.flatMap(({ zone }) => [listingId('client', zone), standingId('client', zone)]);
}
