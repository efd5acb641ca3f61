/** Owns Listener: one address of the config, bound and taking connections. */

import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ListenOptions, Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import type { ListenAddress } from '../config/address.ts';
import { quotedPath } from '../shell-path.ts';
import { errorCode, StartError } from './fault.ts';
import { placeSocket } from './unix-socket.ts';
import type { SocketAccess } from './unix-socket.ts';

export interface Listener {
  /** As the admin wrote it, with the real port where 0 was asked for. */
  readonly address: string;
  /** False: the file of its unix socket is gone or is another's, so that nobody finds us any more. */
  isThere(): boolean;
  /** Takes no more connections; those that are open stay. */
  close(): Promise<void>;
}

export interface Listening {
  readonly access: SocketAccess;
  accept(socket: Socket): void;
  /** The listener could not take a connection, and goes on. */
  fault(address: string, why: string): void;
}

/** Many MTA processes may connect at once when a burst of mail comes in. */
const BACKLOG = 511;

/** Throws StartError if the address can't be had. */
export async function listen(
  address: Exclude<ListenAddress, { kind: 'systemd' }>,
  on: Listening,
): Promise<Listener> {
  if (address.kind === 'tcp') {
    const { host, port, written } = address;
    const server = await bind({ host, port }, written, on);
    const bound = server.address();
    const real = bound !== null && typeof bound === 'object' ? bound.port : port;
    return listener(
      server,
      port === 0 ? written.replace(/(?<=^inet6?:)0(?=@|$)|(?<=:)0$/, String(real)) : written,
    );
  }
  return listenOnPath(address.path, address.written, on);
}

async function listenOnPath(path: string, written: string, on: Listening): Promise<Listener> {
  try {
    const socket = await placeSocket(path, on.access, (making) => bind({ path: making }, written, on, path));
    return {
      address: written,
      isThere: () => socket.isThere(),
      close() {
        socket.remove();
        return closed(socket.server);
      },
    };
  } catch (error) {
    throw error instanceof StartError ? error : bindError(written, { path }, error);
  }
}

/** A socket that systemd bound for us. */
export async function listenOnDescriptor(fd: number, on: Listening): Promise<Listener> {
  const written = `fd:systemd (${fd})`;
  return listener(await bind({ fd }, written, on), written);
}

/** Node takes a descriptor too; its types don't say so. */
type BindOptions = ListenOptions & { readonly fd?: number };

/** `path`: what the admin calls it, if that is not what is bound. */
function bind(options: BindOptions, written: string, on: Listening, path = options.path): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => on.accept(socket));
    server.once('error', (error) => reject(bindError(written, { ...options, path }, error)));
    server.listen({ ...options, backlog: BACKLOG }, () => {
      server.removeAllListeners('error');
      // EMFILE and the like on accept: that connection is lost to us, the MTA's default_action decides.
      server.on('error', (error) => on.fault(written, error.message));
      resolve(server);
    });
  });
}

function listener(server: Server, address: string): Listener {
  return { address, isThere: () => true, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

function bindError(
  written: string,
  { path, port, host }: { readonly [K in 'path' | 'port' | 'host']?: ListenOptions[K] | undefined },
  error: unknown,
): StartError {
  const code = errorCode(error);
  return new StartError(`listen: ${written}: ${cure(code, path, port, host)}`, { cause: error });
}

function cure(
  code: string,
  path: string | undefined,
  port: number | undefined,
  host: string | undefined,
): string {
  switch (code) {
    case 'EADDRINUSE':
      return path === undefined
        ? `port ${port} is in use (postern already running?); see: ss -ltnp 'sport = :${port}'`
        : 'another process is listening there; see: ss -xlp';
    case 'EACCES':
    case 'EPERM':
      // libuv says EACCES too where bind(2) says ENOENT.
      if (path !== undefined && isMissing(dirname(path))) return missing(path);
      return path === undefined
        ? `not allowed to use port ${port}; choose one above 1023`
        : `not allowed to write in ${dirname(path)}; make it writable for ${userName()}, or choose another path`;
    case 'ENOENT':
      return path === undefined ? `no such host: ${host}` : missing(path);
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}; see: ip address`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `can't resolve the host name ${host}; write its address`;
    case 'EROFS':
      return `the file system of ${dirname(path ?? '/')} is read-only; choose another path`;
    case 'ENOTDIR':
      return `${dirname(path ?? '')} is no directory; choose another path`;
    case 'ELOOP':
      return `${path} leads in a circle; see: namei ${quotedPath(path ?? '')}`;
    case 'EINVAL':
      return host?.startsWith('fe80:') === true && !host.includes('%')
        ? `${host} is an address of one interface: write it too, ${host}%eth0`
        : `the system does not take that address; see: ip address`;
    default:
      return `can't listen there (${code || 'unknown error'})`;
  }
}

function isMissing(directory: string): boolean {
  try {
    return statSync(directory, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function missing(path: string): string {
  return `no such directory; type: mkdir -p ${quotedPath(dirname(path))}`;
}

function userName(): string {
  return `uid ${process.getuid?.() ?? 'unknown'}`;
}
