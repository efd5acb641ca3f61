/** Owns the address of a name server as it is written: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:53`. */

import { isIPv4, isIPv6 } from 'node:net';

export interface ServerAddress {
  /** An address without brackets. */
  readonly host: string;
  readonly port: number;
}

const DNS_PORT = 53;

/** Null: it is none; names are none, for who would look them up. */
export function parseServerAddress(written: string): ServerAddress | null {
  if (isIPv6(written)) return { host: written, port: DNS_PORT };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = digits === undefined ? DNS_PORT : Number(digits);
  const fits = bracketed === undefined ? isIPv4(host) : isIPv6(host);
  return fits && port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** As node:dns takes it: without a port where it is the usual one. */
export function writtenServer({ host, port }: ServerAddress): string {
  if (port === DNS_PORT) return host;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
