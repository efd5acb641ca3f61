/** Owns which records pass so many clients that a pass says nothing of the client. */

import type { SpfMatch } from 'mailauth/lib/spf/spf-verify.js';
import type { Address } from '../mail/network.ts';
import { outsider, type Outsider } from './outsiders.ts';

/** Nobody's addresses (RFC 5737, RFC 3849): who passes them all passes about everybody. */
const NOBODYS: Readonly<Record<Address['family'], readonly Outsider[]>> = {
  ipv4: ['192.0.2.1', '198.51.100.1', '203.0.113.1'].map(outsider),
  ipv6: ['2001:db8::1'].map(outsider),
};

/** Nobody sends from more: the largest networks that belong to one owner. */
const WIDEST_PREFIX = { ip4: 8, ip6: 16 } as const;

export interface Trial {
  /** Of whom `passes` would come to false; it costs a twentieth. */
  outside(nobodys: readonly Outsider[]): readonly Outsider[];
  /** Evaluates the same identity with another address. */
  passes(ip: Address): Promise<boolean | 'unknown'>;
}

/** Tries only if the mechanism that matched does not say it already. What can't be told is wide: to be trusted less costs a delay at most. */
export async function isWide(match: SpfMatch, client: Address, trial: Trial): Promise<boolean> {
  const decisive = innermost(match);
  if (decisive.type === 'all') return true;
  if (decisive.type === 'ip4' || decisive.type === 'ip6') {
    const prefix = /\/(\d+)$/.exec(decisive.val ?? '')?.[1];
    if (prefix !== undefined && Number(prefix) < WIDEST_PREFIX[decisive.type]) return true;
  }
  const nobodys = NOBODYS[client.family];
  // Whatever the terms look like, the client passes.
  const others = nobodys.filter(({ address }) => address.text !== client.text);
  if (trial.outside(others).length > 0) return false;
  for (const { address } of nobodys) if ((await trial.passes(address)) === false) return false;
  return true;
}

function innermost(match: SpfMatch): SpfMatch {
  return match.include === undefined ? match : innermost(match.include);
}
