/** Owns the question whether an address in smtpd_milters is one of our listeners. */

import { realpathSync } from 'node:fs';
import { posix } from 'node:path';
import type { ListenAddress } from '../config/address.ts';

/** Where smtpd sees files. */
export interface View {
  readonly queueDirectory: string;
  /** Its root is the queue directory. */
  readonly chrooted: boolean;
}

/**
 * - `ours`, `another`
 * - `out-of-reach`: the path is ours, but smtpd is locked into its queue directory and finds another there, or none.
 * - `misspelled`: it is ours in the spelling of libmilter, which Postfix does not understand.
 */
export type Whose = 'ours' | 'another' | 'out-of-reach' | 'misspelled';

/** As milter8.c and host_port.c of Postfix read it. */
export function whose(written: string, ours: readonly ListenAddress[], view: View): Whose {
  const [, transport, endpoint] = /^([a-z0-9]+):(.+)$/s.exec(written) ?? [];
  if (transport === undefined || endpoint === undefined) return 'another';
  if (transport === 'unix' || transport === 'local') return whosePath(endpoint, ours, view);
  const [, port, at] = /^(\d+)@(.+)$/.exec(endpoint) ?? [];
  if (port !== undefined && at !== undefined) return isOurs(at, port, ours) ? 'misspelled' : 'another';
  const [, host, service] = /^(?:(\[[^\]]*\]|[^:]*):)?([^:]+)$/.exec(endpoint) ?? [];
  if (service === undefined || !isOurs(host ?? '', service, ours)) return 'another';
  return transport === 'inet' ? 'ours' : 'misspelled';
}

function whosePath(endpoint: string, ours: readonly ListenAddress[], view: View): Whose {
  const { queueDirectory, chrooted } = view;
  const listens = (path: string): boolean =>
    ours.some((address) => address.kind === 'unix' && real(address.path) === real(path));
  const inside = posix.join(queueDirectory, endpoint);
  if (!endpoint.startsWith('/')) return listens(inside) ? 'ours' : 'another';
  if (listens(chrooted ? inside : endpoint)) return 'ours';
  return chrooted && listens(endpoint) ? 'out-of-reach' : 'another';
}

/** `/var/run` is `/run`; a socket that is not there yet is known by its folder. */
function real(path: string): string {
  try {
    return posix.join(realpathSync(posix.dirname(path)), posix.basename(path));
  } catch {
    return posix.normalize(path);
  }
}

function isOurs(host: string, port: string, ours: readonly ListenAddress[]): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return ours.some(
    (address) =>
      address.kind === 'tcp' &&
      String(address.port) === port &&
      (address.host === '0.0.0.0' || address.host === '::' || isSameHost(name, address.host.toLowerCase())),
  );
}

function isSameHost(a: string, b: string): boolean {
  return a === b || (LOOPBACK.includes(a) && LOOPBACK.includes(b) && (isName(a) || isName(b)));
}

/** host_port(): no host is localhost. */
const LOOPBACK = ['', 'localhost', '127.0.0.1', '::1'];

function isName(host: string): boolean {
  return host === '' || host === 'localhost';
}

/** As Postfix writes the address of a listener; null: it can't name it. */
export function asPostfix(address: ListenAddress, queueDirectory: string): string | null {
  switch (address.kind) {
    case 'systemd':
      return null;
    case 'unix': {
      const below = posix.relative(real(queueDirectory), real(address.path));
      return below.startsWith('..') ? `unix:${address.path}` : `unix:${below}`;
    }
    case 'tcp': {
      const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host;
      return `inet:${host.includes(':') ? `[${host}]` : host}:${address.port}`;
    }
  }
}
