/** Owns looking a client's name up as Postfix does before it tells a milter (smtpd_peer.c). */

import type { Resolver } from '../dns/resolver.ts';
import { isHostname } from '../mail/domain.ts';
import { addressBytes, parseAddress, type Address } from '../mail/network.ts';
import { toMicroseconds } from './milliseconds.ts';
import type { ClientTrace } from './trace.ts';

/** Always fulfils. */
export async function lookUpClient(resolver: Resolver, address: Address): Promise<ClientTrace> {
  const since = performance.now();
  const looked = await lookUp(resolver, address, new AbortController().signal);
  return { address: address.text, ...looked, ms: toMicroseconds(performance.now() - since) };
}

type Found = Pick<ClientTrace, 'ptr' | 'resolve' | 'found'>;

async function lookUp(resolver: Resolver, address: Address, signal: AbortSignal): Promise<Found> {
  const reverse = await resolver.ptr(reverseName(address), signal);
  if (reverse.status === 'temperror')
    return { ptr: null, resolve: 'temp', found: `no answer about its PTR: ${reverse.why}` };
  if (reverse.status !== 'found') return { ptr: null, resolve: 'fail', found: 'it has no PTR' };
  const ptr = reverse.records[0]!.replace(/\.$/, '');
  if (!isHostname(ptr)) return { ptr: null, resolve: 'fail', found: `its PTR is no host name: ${ptr}` };
  const forward =
    address.family === 'ipv4' ? await resolver.a(ptr, signal) : await resolver.aaaa(ptr, signal);
  switch (forward.status) {
    case 'temperror':
      return { ptr, resolve: 'temp', found: `PTR ${ptr}, no answer about its address: ${forward.why}` };
    case 'nxdomain':
    case 'nodata':
      return { ptr, resolve: 'forged', found: `PTR ${ptr}, which has no address` };
    case 'found':
      break;
  }
  const back = forward.records.some((each) => parseAddress(each)?.text === address.text);
  return back
    ? { ptr, resolve: 'ok', found: `PTR ${ptr}, which leads back` }
    : {
        ptr,
        resolve: 'forged',
        found: `PTR ${ptr}, which leads to ${forward.records.slice(0, 3).join(', ')}`,
      };
}

/** `192.0.2.1` → `1.2.0.192.in-addr.arpa` (RFC 1035 §3.5), IPv6 by nibbles (RFC 3596 §2.5). */
export function reverseName(address: Address): string {
  if (address.family === 'ipv4') return `${address.text.split('.').toReversed().join('.')}.in-addr.arpa`;
  const nibbles = [...addressBytes(address)].flatMap((byte) => [byte >> 4, byte & 15]);
  return `${nibbles
    .map((nibble) => nibble.toString(16))
    .toReversed()
    .join('.')}.ip6.arpa`;
}
