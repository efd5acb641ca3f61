/** Owns ListenAddress: where Postern listens, in libmilter's spelling, in Postfix's, or handed over by systemd. */

import { isIPv4, isIPv6 } from 'node:net';
import { addressAdvice } from './address-advice.ts';
import { isHost } from './host.ts';

export type ListenAddress =
  | {
      readonly kind: 'tcp';
      /** A name, or an address without brackets; `0.0.0.0` and `::` are every address of the machine. */
      readonly host: string;
      /** 0: any free one. */
      readonly port: number;
      readonly written: string;
    }
  | { readonly kind: 'unix'; readonly path: string; readonly written: string }
  | { readonly kind: 'systemd'; readonly written: string };

/** A reason, and what to write instead: a whole address where one can be guessed. */
export interface NotAnAddress {
  readonly kind: 'wrong';
  readonly what: string;
  readonly instead: string;
}

/** Bytes that fit into `sun_path` (unix(7)) with the NUL behind them, and a `~` while the socket is being made. */
const longestPath = 106;

/**
 * `inet:8891@127.0.0.1`, `inet:8891`, `inet6:8891@::1`, `unix:/path`, `local:/path` (libmilter, smfi_setconn),
 * `inet:127.0.0.1:8891`, `inet:[::1]:8891` (Postfix, smtpd_milters), `fd:systemd`. Never throws.
 */
export function parseListenAddress(written: string): ListenAddress | NotAnAddress {
  if (written === 'fd:systemd') return { kind: 'systemd', written };
  const [, scheme, rest] = /^(inet6?|unix|local):(.*)$/s.exec(written) ?? [];
  if (scheme === undefined || rest === undefined) return addressAdvice(written);
  if (scheme === 'unix' || scheme === 'local') return unixSocket(written, rest);
  return tcpSocket(written, scheme, rest);
}

function wrong(what: string, instead: string): NotAnAddress {
  return { kind: 'wrong', what, instead };
}

function unixSocket(written: string, path: string): ListenAddress | NotAnAddress {
  if (/\p{Cc}/u.test(path)) return wrong('the path holds a control character', 'write unix:/path');
  if (!path.startsWith('/')) return addressAdvice(written);
  if (path.endsWith('/')) return wrong('the path is a folder', `write unix:${path}postern.sock`);
  const bytes = Buffer.byteLength(path);
  if (bytes > longestPath)
    return wrong(`the path has ${bytes} bytes, a socket's may have ${longestPath}`, 'write a shorter one');
  return { kind: 'unix', path: path.replace(/\/+/g, '/'), written };
}

function tcpSocket(written: string, scheme: string, rest: string): ListenAddress | NotAnAddress {
  const [, before, after] = /^(\d{1,5})(?:@(.+))?$/s.exec(rest) ?? [];
  const [, left, right] = /^(\[[^\]]*\]|[^:@]+):(\d{1,5})$/s.exec(rest) ?? [];
  const digits = before ?? right;
  if (digits === undefined) return addressAdvice(written);
  const given = (after ?? left ?? (scheme === 'inet6' ? '::' : '0.0.0.0')).toLowerCase();
  const port = Number(digits);
  if (port > 65_535) return wrong(`there is no port ${port}`, 'write one up to 65535');
  const host = given.startsWith('[') && given.endsWith(']') ? given.slice(1, -1) : given;
  const fits = host === given ? isHost(host) : isIPv6(host);
  if (!fits || (scheme === 'inet6' && isIPv4(host))) return addressAdvice(written);
  return { kind: 'tcp', host, port, written };
}

/** What only one socket can be bound to; null: as many as one likes (port 0). */
export function boundTo(address: ListenAddress): string | null {
  if (address.kind === 'systemd') return 'systemd';
  if (address.kind === 'unix') return address.path;
  return address.port === 0 ? null : `${address.host} ${address.port}`;
}
