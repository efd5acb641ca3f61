/** Owns which addresses a DNS list may be asked about: those that mean the same host to everybody. */

import { NetworkSet, parseNetwork, type Address } from '../mail/network.ts';

/** IANA's special-purpose registries (RFC 6890), without the networks of documentation. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks, RFC 2544
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  'fc00::/7', // unique local, RFC 4193
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const NETWORKS = new NetworkSet(NOT_PUBLIC.map((text) => parseNetwork(text)!));

/** Asking about any other tells a stranger of our own network, and can only be answered wrongly. */
export function isPublicAddress(address: Address): boolean {
  return !NETWORKS.has(address);
}
