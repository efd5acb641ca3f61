/** Owns the known list whose zone somebody probably wanted to write. */

import { editDistance } from '../yaml/spelling.ts';
import type { KnownLists } from './known-lists.ts';

/** More slips than that are another name. */
const MOST_SLIPS = 2;

/** Where lists of one's own are: names that the DNS of the world does not have (RFC 2606, 6761, 6762, 8375, 9476). */
const OWN =
  /\.(?:local|localhost|localdomain|lan|home|corp|internal|intranet|private|arpa|alt|test|example|invalid)$/;

/**
 * `zen.spamhous.org` → `zen.spamhaus.org`, `bl.spamcop.org` → `bl.spamcop.net`. Null: nothing is near. Another list of
 * an operator that we know is none (`dnsbl-2.uceprotect.net`). `shown`: without a key, which what comes back has not
 * either.
 */
export function nearestZone(shown: string, lists: KnownLists): string | null {
  if (OWN.test(`.${shown}`)) return null;
  let best: string | null = null;
  let least = MOST_SLIPS + 1;
  for (const { zone, state } of lists.all) {
    if (state !== 'alive') continue;
    const known = zone.replace(/^\*\./, '');
    const slips = slipsBetween(shown, known);
    if (slips >= least) continue;
    best = known;
    least = slips;
  }
  return best;
}

function slipsBetween(written: string, known: string): number {
  if (behindFirst(written) === behindFirst(known)) return Infinity;
  // It is the commonest slip, and all of its letters are others.
  if (beforeLast(written) === beforeLast(known)) return 1;
  return Math.abs(written.length - known.length) > MOST_SLIPS ? Infinity : editDistance(written, known);
}

function behindFirst(zone: string): string {
  return zone.slice(zone.indexOf('.') + 1);
}

function beforeLast(zone: string): string {
  return zone.slice(0, zone.lastIndexOf('.'));
}
