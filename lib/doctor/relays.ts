/** Owns the examination of the MX hosts of our domains: whoever hands mail on to us should be a trusted relay. */

import { networkInterfaces } from 'node:os';
import { openResolver } from '../daemon/lookups.ts';
import type { Resolver } from '../dns/resolver.ts';
import { NetworkSet, parseAddress, parseNetwork } from '../mail/network.ts';
import { note, ok, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';

/** Of domains, and of the hosts of one: enough to see what is meant. */
const MOST_DOMAINS = 20;
const MOST_HOSTS = 10;

export const relays: Examination = {
  name: 'relays',
  look: (patient, signal) => lookAt(patient, openResolver(patient.config.dns).fresh, ownAddresses(), signal),
};

/** `own`: the addresses of this machine. */
export async function lookAt(
  { config, configFile }: Patient,
  resolver: Resolver,
  own: readonly string[],
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> {
  const domains = config.localDomains.names.filter((name) => !name.startsWith('.')).slice(0, MOST_DOMAINS);
  if (domains.length === 0) return [];
  const ours = new NetworkSet([
    ...own.flatMap((address) => parseNetwork(address) ?? []),
    ...config.trustedRelays,
    ...config.mynetworks,
  ]);
  const hosts = new Map<string, string>();
  const found = await Promise.all(domains.map((domain) => resolver.mx(domain, signal)));
  for (const [i, answer] of found.entries())
    if (answer.status === 'found')
      for (const { exchange } of answer.records.slice(0, MOST_HOSTS))
        if (exchange !== '' && !hosts.has(exchange)) hosts.set(exchange, domains[i]!);
  const strangers = await Promise.all(
    [...hosts].map(async ([host, domain]) => {
      const addresses = await addressesOf(host, resolver, signal);
      // One of our own addresses may be behind a translation of addresses: then another shows that it is us.
      const known = addresses.some((text) => ours.has(parseAddress(text)));
      return known || addresses.length === 0 ? [] : [{ host, domain, addresses }];
    }),
  );
  const told = strangers
    .flat()
    .map(({ host, domain, addresses }) =>
      note(
        `${host} is an MX of ${domain}, and neither this machine nor in trusted_relays: what it hands on to us would be judged as its own, refused and delayed`,
        `in ${configFile} write, if it is not this machine: trusted_relays: [${addresses.map(quoted).join(', ')}]`,
      ),
    );
  if (told.length > 0 || hosts.size === 0) return told;
  return [ok('each MX of local_domains is this machine or a trusted relay')];
}

async function addressesOf(host: string, resolver: Resolver, signal: AbortSignal): Promise<string[]> {
  const answers = await Promise.all([resolver.a(host, signal), resolver.aaaa(host, signal)]);
  return answers.flatMap((answer) => (answer.status === 'found' ? answer.records.slice(0, MOST_HOSTS) : []));
}

function quoted(address: string): string {
  return address.includes(':') ? `"${address}"` : address;
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
}
