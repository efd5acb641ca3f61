/** Owns mynetworks and trusted_relays: networks as Postfix's main.cf has them, in a YAML list or in one line. */

import { isIPv4 } from 'node:net';
import {
  NetworkSet,
  parseAddress,
  parseNetwork,
  withoutExcess,
  type Address,
  type Network,
} from '../mail/network.ts';
import type { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { list, type Reader } from '../yaml/value.ts';

/** `127.0.0.0/8`, `[::1]/128`, `2001:db8::/32`; several of them in one value, between blanks or commas. */
export const networks = networksOf('127.0.0.0/8', (word, place, within) =>
  place.warning(`"${shown(word)}" is everybody: nobody is greylisted`, 'write your own networks', within),
);

/** As mynetworks; of hosts that write down themselves whom they had a message from. */
export const relayNetworks = networksOf(
  '192.0.2.25',
  (word, place, within) =>
    place.error(
      `"${shown(word)}" is everybody: nobody would ever be refused`,
      'write the addresses of your own relays',
      within,
    ),
  (network, word, place, within) => {
    if (new NetworkSet(LOOPBACK).has(network.address) || LOOPBACK_HOSTS.some((host) => isIn(host, network)))
      place.warning(
        `"${shown(word)}" is this machine: what comes from it would be looked at as what a relay has handed on`,
        'remove it; programs of this machine are in mynetworks',
        within,
      );
  },
);

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map((network) => parseNetwork(network)!);
const LOOPBACK_HOSTS = ['127.0.0.1', '::1'].map((host) => parseAddress(host)!);

function isIn(address: Address, network: Network): boolean {
  return network.prefix > 0 && new NetworkSet([network]).has(address);
}

type Judge = (network: Network, word: string, place: Place, within: number) => void;

type Everybody = (word: string, place: Place, within: number) => void;

function networksOf(
  example: string,
  everybody: Everybody,
  judge: Judge = () => {},
): Reader<readonly Network[]> {
  return list<Network>({ type: 'string' }, example, (text, place) => {
    const words = [...text.matchAll(/[^\s,]+/g)];
    if (words.length === 0) place.error('there is no network', `write ${example}, or [] for none`);
    return words.flatMap((word) => {
      const read = network(word[0], place, word.index, everybody);
      if (read === null) return [];
      judge(read, word[0], place, word.index);
      return [read];
    });
  });
}

function network(word: string, place: Place, within: number, everybody: Everybody): Network | null {
  const network = parseNetwork(word);
  if (network === null) return place.error(...wrong(word), within);
  const { prefix } = network;
  const masked = withoutExcess(network);
  if (masked !== null)
    return place.error(
      `"${shown(word)}" has bits set beyond its /${prefix}`,
      `write ${bracketed(masked)}`,
      within,
    );
  if (prefix === 0) everybody(word, place, within);
  return network;
}

/** As Postfix writes it: `[2001:db8::]/32`; quoted, as YAML needs it then. */
function bracketed(network: string): string {
  return network.includes(':') ? `"[${network.replace('/', ']/')}"` : network;
}

function wrong(word: string): [what: string, instead: string] {
  const written = `"${shown(word)}"`;
  if (word.startsWith('!'))
    return [`${written}: Postfix's ! is not in this version yet`, 'list the networks that remain'];
  if (word.startsWith('/') || /^[a-z]{2,}:/.test(word))
    return [`${written}: tables are not in this version yet`, 'list the networks themselves'];
  const [, quad, mask] = /^([\d.]+)\/([\d.]+)$/.exec(word) ?? [];
  const bits = mask === undefined ? null : maskBits(mask);
  if (quad !== undefined && isIPv4(quad) && bits !== null)
    return [`${written} has a netmask, not a prefix length`, `write ${quad}/${bits}`];
  const octets = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.?$/.exec(word)?.[1]?.split('.');
  const filled = octets === undefined ? '' : [...octets, '0', '0', '0'].slice(0, 4).join('.');
  if (octets !== undefined && octets.length > 1 && isIPv4(filled))
    return [`${written} is not a network`, `write ${filled}/${8 * octets.length}`];
  return [`${written} is not a network`, 'write one such as 192.0.2.0/24 or "[2001:db8::]/32"'];
}

/** `255.255.240.0` → 20; null if it is not a netmask. */
function maskBits(mask: string): number | null {
  if (!isIPv4(mask)) return null;
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
