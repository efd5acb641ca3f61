/** Owns the files of unix sockets: how one is put in its place, when it may be replaced, and who may connect. */

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { quotedPath } from '../shell-path.ts';
import { errorCode, StartError } from './fault.ts';

export interface SocketAccess {
  /** File mode bits, 0o660. */
  readonly mode: number;
  /** Null: as we are. A null group: the user's own. */
  readonly owner: { readonly user: string; readonly group: string | null } | null;
}

/** A server whose socket lies at its path, with its mode and owner. */
export interface PlacedSocket {
  readonly server: Server;
  /** False: its file is gone or is another's, so that nobody finds us any more. */
  isThere(): boolean;
  /** Takes its file away, if it is still ours; the server is the caller's to close. */
  remove(): void;
}

/**
 * The socket is made beside its place and moved there when all is right with it: nobody can connect before it has its
 * mode, a stale one is replaced without a gap, and libuv, which at the end unlinks whatever has the name that it bound,
 * finds nothing to unlink: by then that may be the socket of another process.
 * Throws StartError if the place is taken; what `bind` and the file system say passes through.
 */
export async function placeSocket(
  path: string,
  access: SocketAccess,
  bind: (making: string) => Promise<Server>,
): Promise<PlacedSocket> {
  const making = `${path}~`;
  await mustBeFree(path);
  if (lstatSync(making, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(making);
  const before = process.umask(0o777);
  const binding = bind(making);
  process.umask(before);
  const server = await binding;
  try {
    grantAccess(making, access, path);
    renameSync(making, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const inode = inodeOf(path);
  const isThere = (): boolean => inodeOf(path) === inode;
  return {
    server,
    isThere,
    remove() {
      try {
        if (isThere()) unlinkSync(path);
      } catch {
        // On a disk that has become read-only it stays, and is replaced by the next one; sessions are not to end for that.
      }
    },
  };
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** A socket that a dead process left behind may be replaced. Throws StartError if one answers, or if it is no socket. */
async function mustBeFree(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) {
    throw new StartError(
      `unix:${path}: there is a file that is not a socket; move it away or choose another path`,
    );
  }
  const code = await answering(path);
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return;
  if (code === 'EACCES' || code === 'EPERM')
    throw new StartError(
      `unix:${path}: there is a socket of user id ${there.uid}, and user id ${process.getuid?.()} may not ask whether ` +
        `anybody listens; if nobody does (see, as root: ss -xlp), type: rm ${quotedPath(path)}`,
    );
  throw new StartError(
    `unix:${path}: another process is listening there (postern already running?); see: ss -xlp`,
  );
}

/** What a connection meets; null: it is taken. One that is too busy is alive; only ECONNREFUSED proves that nobody is there. */
function answering(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const done = (code: string | null): void => {
      probe.destroy();
      resolve(code);
    };
    probe.on('connect', () => done(null));
    probe.on('error', (error) => done(errorCode(error)));
  });
}

/** Sets mode and owner of a socket; `called`: where the admin knows it. Throws StartError naming the cure. */
export function grantAccess(path: string, { mode, owner }: SocketAccess, called = path): void {
  if (owner !== null) {
    const uid = numericId('passwd', owner.user);
    const gid = owner.group === null ? primaryGroup(owner.user) : numericId('group', owner.group);
    try {
      chownSync(path, uid, gid);
    } catch (error) {
      const wanted = owner.group === null ? owner.user : `${owner.user}:${owner.group}`;
      throw new StartError(
        `unix:${called}: can't give the socket to ${wanted} (${errorCode(error)}): start postern as root, ` +
          `or as ${owner.user} and a member of that group, or remove socket_owner`,
        { cause: error },
      );
    }
  }
  chmodSync(path, mode);
}

/** Of one that is there: who had it until now, `before`, may have it no longer. Throws StartError naming the cure. */
export function regrantAccess(path: string, access: SocketAccess, before: SocketAccess['owner']): void {
  if (access.owner === null && before !== null) takeBack(path);
  grantAccess(path, access);
}

/** As one that is made anew would be: ours, and of its directory's group where that is handed down (mkdir(2)). */
function takeBack(path: string): void {
  const { mode, gid } = statSync(dirname(path));
  chownSync(path, process.geteuid!(), (mode & S_ISGID) === 0 ? process.getegid!() : gid);
}

const S_ISGID = 0o2000;

function primaryGroup(user: string): number {
  return lookUp('passwd', user, 3) ?? process.getgid!();
}

function numericId(database: 'passwd' | 'group', name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const id = lookUp(database, name, 2);
  if (id === null) {
    const what = database === 'passwd' ? 'user' : 'group';
    throw new StartError(`socket_owner: no such ${what}: ${name}; see: getent ${database}`);
  }
  return id;
}

/** getent(1) knows the users of LDAP and systemd too, which /etc/passwd does not. */
function lookUp(database: 'passwd' | 'group', name: string, field: number): number | null {
  const { status, stdout } = spawnSync('getent', [database, name], { encoding: 'utf8' });
  const value = status === 0 ? stdout.split('\n')[0]?.split(':')[field] : undefined;
  return value === undefined ? null : Number(value);
}
