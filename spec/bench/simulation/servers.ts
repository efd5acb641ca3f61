/** Owns the sending servers of the model: their hosts, and what SPF and the DNS say of them. */

import type { Client } from '../../../lib/mail/session.ts';
import { found, type Finding } from '../../../lib/policy/finding.ts';
import type { Chance } from './chance.ts';
import type { ServerKind } from './retries.ts';

export interface Server {
  readonly kind: ServerKind;
  /** Of the names of its hosts and of its senders. */
  readonly domain: string;
  /** The first three octets of each. */
  readonly networks: readonly string[];
  readonly hosts: number;
}

const LEAST_HOSTS = 8;
const MOST_HOSTS = 200;
const LEAST_NETWORKS = 4;
const MOST_NETWORKS = 40;

/** Which draw is for what: the first number of its name. */
const DRAW = { hosts: 1, networks: 2, octets: 3 } as const;

export function serverOf(chance: Chance, kind: ServerKind, number: number): Server {
  const id = number * 8 + ORDER.indexOf(kind);
  const isPool = kind === 'pool' || kind === 'hidden';
  const hosts = isPool ? chance.whole(LEAST_HOSTS, MOST_HOSTS, DRAW.hosts, id) : 1;
  const wanted = chance.whole(LEAST_NETWORKS, MOST_NETWORKS, DRAW.networks, id);
  const networks = new Set<string>();
  for (let i = 0; networks.size < (isPool ? Math.min(wanted, hosts) : 1); i++)
    networks.add(networkAt(chance, DRAW.octets, id, i));
  return { kind, domain: `${kind}${number}.example`, networks: [...networks], hosts };
}

const ORDER: readonly ServerKind[] = ['postfix', 'exim', 'exchange', 'pool', 'hidden'];

/** Real addresses are needed: the documentation's would make one network of all. Nothing is sent there. */
function networkAt(chance: Chance, ...name: readonly number[]): string {
  const first = chance.whole(11, 99, ...name, 0);
  return `${first}.${chance.whole(0, 255, ...name, 1)}.${chance.whole(0, 255, ...name, 2)}`;
}

export function hostOf({ kind, domain, networks, hosts }: Server, host: number): Client {
  const network = networks[host % networks.length]!;
  const address = `${network}.${1 + Math.floor(host / networks.length)}`;
  return clientAt(address, kind === 'hidden' ? null : `mx${hosts === 1 ? '' : host}.${domain}`);
}

export function botHostAt(chance: Chance, isNamed: boolean, ...name: readonly number[]): Client {
  const address = `${networkAt(chance, ...name)}.${chance.whole(1, 254, ...name, 3)}`;
  return clientAt(address, isNamed ? `dsl-${address.replaceAll('.', '-')}.pool.example.edu` : null);
}

/** `name`: forward-confirmed; null: there is none at all. */
function clientAt(address: string, name: string | null): Client {
  return {
    address: { family: 'ipv4', text: address },
    ptr: name,
    name,
    resolve: name === null ? 'fail' : 'ok',
    daemon: null,
    submitted: false,
  };
}

/** As the check of SPF would find it. */
export function spfOf(server: Server | null): Finding {
  return server?.kind === 'pool'
    ? found('pass', { domain: server.domain, mechanism: 'include', lookups: '2' })
    : found('none', { why: 'no SPF record' });
}
