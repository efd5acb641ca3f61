/** Owns the section `dns:`: which servers are asked, how long, and by what. */

import { isIPv6 } from 'node:net';
import { parseServerAddress, writtenServer } from '../dns/server-address.ts';
import type { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { field, type Entries, type Section } from '../yaml/section.ts';
import { choice, duration, list, type Reader } from '../yaml/value.ts';

export interface DnsSettings {
  /** `system`: those of /etc/resolv.conf. Else addresses, with a port where it is not 53: `[2001:db8::53]:5353`. */
  readonly servers: 'system' | readonly string[];
  /** Of a whole lookup, retries included. */
  readonly timeoutMs: number;
  /** `node`: c-ares, as Node has it. */
  readonly resolver: 'own' | 'node';
  /** So long beyond its time an answer may be given if the DNS has no other; 0: never. */
  readonly serveStaleMs: number;
}

export const DNS_DEFAULTS: DnsSettings = {
  servers: 'system',
  timeoutMs: 5000,
  resolver: 'own',
  serveStaleMs: 0,
};

/** What a verdict waits for at most (server/gate-parts.ts). */
const DECISION_MS = 7000;

/** Open to everyone, so that lists can't tell who asks: Google, Cloudflare, Quad9, OpenDNS. */
const PUBLIC =
  /^(?:8\.8\.[84]\.[84]|1\.[01]\.[01]\.1|9\.9\.9\.\d+|149\.112\.112\.\d+|208\.67\.22[02]\.\d+|2001:4860:4860:|2606:4700:4700:|2620:fe:)/;

const addresses = list<{ server: string; place: Place }>(
  { type: 'string' },
  'system or 127.0.0.1',
  (text, place) => {
    if (text === 'system') return [{ server: text, place }];
    const address = parseServerAddress(text);
    if (address === null) return place.error(...serverAdvice(text));
    const [, host, port] = /^(.+):(\d{2,5})$/.exec(text) ?? [];
    if (isIPv6(text) && host !== undefined && isIPv6(host))
      place.warning(
        `${text} is an address without a port`,
        `write "[${host}]:${port}" if ${port} is the port`,
      );
    if (PUBLIC.test(address.host))
      place.warning(
        `${address.host} is open to everyone: most DNS lists give it no answers, or false ones`,
        'write the address of a resolver of your own',
      );
    return [{ server: writtenServer(address), place }];
  },
);

const servers: Reader<'system' | readonly string[]> = {
  schema: addresses.schema,
  read(place) {
    const read = addresses.read(place);
    if (read === null) return null;
    if (read.length === 0)
      return place.error('the list is empty', 'write system, or an address such as 127.0.0.1');
    const seen = new Set<string>();
    for (const { server, place } of read) {
      if (server === 'system' && read.length > 1)
        place.error('system stands for all servers of resolv.conf', 'write either system or addresses');
      if (seen.has(server)) place.error(`${server} is there twice`, 'remove one of them');
      seen.add(server);
    }
    return seen.has('system') ? 'system' : [...seen];
  },
};

function serverAdvice(text: string): [what: string, instead: string] {
  const written = `"${shown(text)}"`;
  const [, host, digits] = /^\[?([^\][@#]+)\]?[:@#](\d+)$/.exec(text) ?? [];
  const bare = parseServerAddress(host ?? text.replace(/^\[(.*)\]$/, '$1'))?.host;
  if (bare === undefined) return [`${written} is not an address`, 'write one such as 127.0.0.1, or system'];
  const port = Number(digits ?? 53);
  if (port < 1 || port > 65_535) return [`there is no port ${shown(digits!)}`, 'write one from 1 to 65535'];
  return [
    `${written} is not how a server is written`,
    `write ${quoted(writtenServer({ host: bare, port }))}`,
  ];
}

/** YAML takes a bracket for the begin of a list. */
function quoted(server: string): string {
  return server.startsWith('[') ? `"${server}"` : server;
}

export const dns = {
  later: [],
  belongs: () => null,
  fields: {
    servers: field(servers, DNS_DEFAULTS.servers),
    timeout: field(duration, DNS_DEFAULTS.timeoutMs),
    resolver: field(choice(['own', 'node'], { 'c-ares': 'node' }), DNS_DEFAULTS.resolver),
    serve_stale: field(duration, DNS_DEFAULTS.serveStaleMs),
  },
} satisfies Section;

export function dnsSettings({
  servers,
  timeout,
  resolver,
  serve_stale,
}: Entries<typeof dns.fields>): DnsSettings {
  return {
    servers: servers.value,
    timeoutMs: timeout.value,
    resolver: resolver.value,
    serveStaleMs: serve_stale.value,
  };
}

/** What can be read, and does not do what it should. */
export function judgeDns({ timeout }: Entries<typeof dns.fields>): void {
  if (timeout.value === 0) timeout.place.error('without time there is no answer', 'write one such as 5s');
  else if (timeout.value > DECISION_MS)
    timeout.place.warning('no verdict waits longer than 7s for anything', 'write 7s or less');
}
