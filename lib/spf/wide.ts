/** Owns which records pass so many clients that a pass says nothing of the client. */

import type { SpfMatch } from 'mailauth/lib/spf/spf-verify.js';
import type { Address } from '../mail/network.ts';
import { isBroad, WIDEST_PREFIX } from './breadth.ts';
import { outsider, type Outsider } from './outsiders.ts';
import { stranger, type Random } from './strangers.ts';

/** Nobody's addresses (RFC 5737, RFC 3849): who passes them all passes about everybody. */
const NOBODYS: Readonly<Record<Address['family'], readonly Outsider[]>> = {
  ipv4: ['192.0.2.1', '198.51.100.1', '203.0.113.1'].map(outsider),
  ipv6: ['2001:db8::1'].map(outsider),
};

/**
 * Most of them decide. The largest providers pass one stranger of a thousand, and rules that let in whom SPF passes must not
 * fail for so many of their mails: two of three are one of three hundred thousand.
 */
const STRANGERS = 3;
const MOST = 2;

export interface Trial {
  /** The records that were read. */
  readonly records: Iterable<string>;
  /** How many addresses were heard. */
  readonly heard: number;
  readonly random: Random;
  /** Of whom `passes` would come to false; it costs a twentieth. */
  outside(others: readonly Outsider[]): readonly Outsider[];
  /** Evaluates the same identity with another address. */
  passes(ip: Address): Promise<boolean | 'unknown'>;
}

/**
 * Tries only if the terms do not say it already. Whoever knows of nobody's addresses leaves them out: hence the strangers.
 * What can't be told is wide: to be trusted less costs a delay at most.
 */
export async function isWide(match: SpfMatch, client: Address, trial: Trial): Promise<boolean> {
  const decisive = innermost(match);
  if (decisive.type === 'all') return true;
  if (decisive.type === 'ip4' || decisive.type === 'ip6') {
    const prefix = /\/(\d+)$/.exec(decisive.val ?? '')?.[1];
    if (prefix !== undefined && Number(prefix) < WIDEST_PREFIX[decisive.type]) return true;
  }
  if (isBroad(trial.records, trial.heard, client.family)) return true;
  const strangers = Array.from({ length: STRANGERS }, () => stranger(client.family, trial.random));
  const nobodys = NOBODYS[client.family];
  // Whatever the terms look like, the client passes.
  const others = [...strangers, ...nobodys].filter(({ address }) => address.text !== client.text);
  const outside = new Set(trial.outside(others));
  const inside = strangers.filter((each) => !outside.has(each));
  let passed = 0;
  for (let tried = 0; passed < MOST && inside.length - tried >= MOST - passed; tried++)
    if ((await trial.passes(inside[tried]!.address)) !== false) passed++;
  if (passed === MOST) return true;
  if (nobodys.some((each) => outside.has(each))) return false;
  for (const { address } of nobodys) if ((await trial.passes(address)) === false) return false;
  return true;
}

function innermost(match: SpfMatch): SpfMatch {
  return match.include === undefined ? match : innermost(match.include);
}
