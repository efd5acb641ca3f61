/** Owns the addresses of resolvers that many strangers share: DNS lists refuse them, or answer them with errors. */

import { NetworkSet, parseAddress, parseNetwork, type Address } from '../mail/network.ts';

export interface SharedResolver {
  /** As people call it. */
  readonly owner: string;
  /** `public`: open to everybody; `hosting`: to all customers of one company. */
  readonly kind: 'public' | 'hosting';
}

/** The best known; whole networks where they hold nothing but resolvers. What is not here Spamhaus' own answer shows. */
const SHARED: readonly (readonly [owner: string, kind: SharedResolver['kind'], networks: string])[] = [
  ['Google', 'public', '8.8.8.8 8.8.4.4 2001:4860:4860::/112'],
  ['Cloudflare', 'public', '1.1.1.0/29 1.0.0.0/29 2606:4700:4700::/48'],
  ['Quad9', 'public', '9.9.9.0/24 149.112.112.0/24 2620:fe::/48'],
  [
    'OpenDNS',
    'public',
    '208.67.220.0/24 208.67.222.0/24 2620:119:35::/48 2620:119:53::/48 2620:0:ccc::/48 2620:0:ccd::/48',
  ],
  ['AdGuard', 'public', '94.140.14.0/23 176.103.130.130/31 2a10:50c0::/32'],
  ['Yandex', 'public', '77.88.8.0/24 2a02:6b8::feed:0/112 2a02:6b8:0:1::feed:0/112'],
  ['Level3', 'public', '4.2.2.0/29 209.244.0.3 209.244.0.4'],
  [
    'Verisign and Vercara',
    'public',
    '64.6.64.6 64.6.65.6 156.154.70.0/23 2620:74:1b::/48 2620:74:1c::/48 2610:a1:1018::/48 2610:a1:1019::/48',
  ],
  ['Comodo', 'public', '8.26.56.26 8.20.247.20'],
  ['CleanBrowsing', 'public', '185.228.168.0/23 2a0d:2a00:1::/48 2a0d:2a00:2::/48'],
  ['Control D', 'public', '76.76.2.0/24 76.76.10.0/24'],
  ['DNS.WATCH', 'public', '84.200.69.80 84.200.70.40'],
  ['DNS4EU', 'public', '86.54.11.0/24'],
  ['Mullvad', 'public', '194.242.2.0/24'],
  ['NextDNS', 'public', '45.90.28.0/22'],
  ['Hurricane Electric', 'public', '74.82.42.42 2001:470:20::2'],
  ['AliDNS', 'public', '223.5.5.5 223.6.6.6'],
  ['114DNS', 'public', '114.114.114.0/24 114.114.115.0/24'],
  ['DNSPod', 'public', '119.29.29.29'],
  ['Amazon', 'hosting', '169.254.169.253 fd00:ec2::253'],
  ['Google Cloud, or another with the same address', 'hosting', '169.254.169.254'],
  ['Azure', 'hosting', '168.63.129.16'],
  [
    'Hetzner',
    'hosting',
    '185.12.64.1 185.12.64.2 2a01:4ff:ff00::add:0/112 213.133.98.98 213.133.99.99 213.133.100.100',
  ],
  ['OVHcloud', 'hosting', '213.186.33.99'],
  ['DigitalOcean', 'hosting', '67.207.67.2 67.207.67.3'],
  ['Vultr', 'hosting', '108.61.10.10'],
  ['Alibaba Cloud', 'hosting', '100.100.2.136 100.100.2.138'],
];

const SETS = SHARED.map(([owner, kind, networks]) => ({
  shared: { owner, kind },
  set: new NetworkSet(networks.split(' ').map((network) => parseNetwork(network)!)),
}));

/** Null: not one that we know. */
export function sharedResolver(address: Address): SharedResolver | null {
  return SETS.find(({ set }) => set.has(address))?.shared ?? null;
}

/** Of `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`; null: it is none. */
export function serverAddress(server: string): Address | null {
  const host = /^\[([^\]]*)\](?::\d+)?$/.exec(server)?.[1] ?? /^([\d.]+):\d+$/.exec(server)?.[1] ?? server;
  return parseAddress(host);
}
