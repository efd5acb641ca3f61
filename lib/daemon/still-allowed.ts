/** Owns who is still not delayed where an administrator has taken an allowance back. */

import type { Prefixes } from '../greylist/address-origin.ts';
import { overlap } from '../greylist/listing.ts';
import { isAllowed, type Standing } from '../greylist/standing.ts';
import { MOST_TOLD, type Subject } from '../greylist/triplet.ts';
import { parseNetwork, type Network } from '../mail/network.ts';

/**
 * Whose standing spares him, or a part of him, still: the network that an address lies in, a host of a network, the SPF
 * domain of the same name. `subjects`: of one network, or of one domain; the first few are told, those granted first.
 */
export async function stillAllowed(
  subjects: readonly Subject[],
  standings: AsyncIterable<Standing>,
  prefixes: Prefixes,
  nowMs: number,
): Promise<readonly Subject[]> {
  const whole = wholeOf(subjects);
  const names = new Set(subjects.map(({ value }) => value));
  const granted: Subject[] = [];
  const earned: Subject[] = [];
  for await (const standing of standings) {
    if (!isAllowed(standing, nowMs)) continue;
    const { kind, value } = standing;
    const touches =
      kind === 'spf' || kind === 'ptr'
        ? names.has(value)
        : whole !== null && isInUse(standing, prefixes) && overlap(whole, value);
    const told = standing.granted ? granted : earned;
    if (touches && told.length < MOST_TOLD) told.push({ kind, value });
  }
  return [...granted, ...earned].slice(0, MOST_TOLD);
}

/** The network that they make up, which lie side by side; null: they are domains. */
function wholeOf([first, ...others]: readonly Subject[]): Network | null {
  const network = first?.kind === 'address' || first?.kind === 'network' ? parseNetwork(first.value) : null;
  return network && { ...network, prefix: network.prefix - Math.log2(1 + others.length) };
}

/** What was allowed with another prefix than that of the config is no client's any more. */
function isInUse({ kind, value }: Subject, { ipv4Prefix, ipv6Prefix }: Prefixes): boolean {
  if (kind !== 'network') return true;
  const network = parseNetwork(value);
  return network !== null && network.prefix === (network.address.family === 'ipv4' ? ipv4Prefix : ipv6Prefix);
}
