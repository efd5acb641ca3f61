/** Owns what only the machine can tell of a configuration: the directories, users and groups that it names. */

import { posix } from 'node:path';
import { quotedPath } from '../shell-path.ts';
import { shown } from '../yaml/problem.ts';
import type { Place } from '../yaml/place.ts';
import { parseListenAddress } from './address.ts';
import type { whole } from './schema.ts';
import type { Entries } from '../yaml/section.ts';
import type { SocketOwner } from './socket.ts';
import type { StoreAddress } from './store.ts';
import { itemsOf } from '../yaml/value.ts';

/** Each is false only where there is surely none: what we have no right to see may be there. */
export interface Machine {
  hasDirectory(path: string): boolean;
  hasUser(name: string): boolean;
  hasGroup(name: string): boolean;
  hasFile(path: string): boolean;
  /** What has that very name, links not followed; null: nothing, or nothing that we may see. */
  whatHas(path: string): 'socket' | 'directory' | 'other' | null;
  /** True only where it is surely so: a start neither opens it as a database nor sets it aside. */
  isTextFile(path: string): boolean;
  /** The other way round: true only where it is surely so. */
  everybodyMayRead(path: string): boolean;
  /** Likewise; asked by anybody but root, who would see for himself, always false. */
  onlyRootMayRead(path: string): boolean;
}

type Whole = Entries<typeof whole.fields>;

/** An error is what keeps a service from starting; what lies below /run systemd may make for it (RuntimeDirectory=). */
export function judgeSurroundings(top: Whole, stateDirectory: string, machine: Machine): void {
  judgeEmptiness(top);
  judgeListen(top, machine);
  judgeStore(top, stateDirectory, machine);
  judgeOwner(top, machine);
}

/** `store: sqlite:a.db` lies below the state directory. */
export function placed(store: StoreAddress, stateDirectory: string): StoreAddress {
  if (store.kind === 'memory' || posix.isAbsolute(store.path)) return store;
  return { kind: 'sqlite', path: posix.join(stateDirectory, store.path) };
}

/** At a start it is all defaults, so that nobody would notice until the first reload. */
function judgeEmptiness({ listen }: Whole): void {
  const { source } = listen.place;
  if (source.root === null)
    source.report(
      0,
      'warning',
      'there is nothing in it: it would not be taken at a reload',
      'for all defaults write one of them, such as observe: false',
    );
}

function judgeListen({ listen, socket_owner }: Whole, machine: Machine): void {
  for (const { place, path } of unixSockets(listen)) {
    judgePlace(place, path, machine);
    const directory = posix.dirname(path);
    if (machine.hasDirectory(directory)) continue;
    const cure = `type: ${makeDirectory(directory, socket_owner.value)}`;
    if (/^\/(?:var\/)?run\//.test(posix.normalize(path))) place.warning(missing(directory), cure);
    else place.error(fatal(missing(directory)), cure);
  }
}

/** What is there may be somebody's: only a socket is ever replaced. */
function judgePlace(place: Place, path: string, machine: Machine): void {
  const there = machine.whatHas(path);
  if (there === null || there === 'socket') return;
  const what = there === 'directory' ? 'is a directory' : 'is there, and is not a socket';
  place.error(fatal(`${shown(path)} ${what}`, 'there'), 'move it away, or choose another path');
}

/** Those that are right, whatever is wrong with the others. */
function unixSockets({ written, place: all }: Whole['listen']): { place: Place; path: string }[] {
  if (!written) return [];
  return itemsOf(all).flatMap((place) => {
    const address = parseListenAddress(place.text ?? '');
    return address.kind === 'unix' ? [{ place, path: address.path }] : [];
  });
}

function judgeStore({ store }: Whole, stateDirectory: string, machine: Machine): void {
  const at = placed(store.value, stateDirectory);
  if (!store.written || !store.place.sound || at.kind !== 'sqlite') return;
  if (machine.whatHas(at.path) === 'directory')
    store.place.error(
      fatal(`${shown(at.path)} is a directory`, 'with it'),
      `write a file in it: sqlite:${posix.join(at.path, 'postern.db')}`,
    );
  else if (machine.isTextFile(at.path))
    store.place.error(
      fatal(`${shown(at.path)} is a text file and no database`, 'with it'),
      'write another path, or sqlite:postern.db',
    );
  const directory = posix.dirname(at.path);
  // The state directory itself is made by whoever starts the service: systemd, or `postern run` in a checkout.
  if (directory === posix.dirname(posix.join(stateDirectory, 'any'))) return;
  if (machine.hasDirectory(directory)) return;
  store.place.error(
    fatal(missing(directory)),
    `type: install -d -o postern -m 0750 ${quotedPath(directory)} (with the user that runs postern), or write sqlite:postern.db`,
  );
}

/** Nobody asks for the owner where there is no unix socket. */
function judgeOwner({ socket_owner: { value, place }, listen }: Whole, machine: Machine): void {
  if (value === null) return;
  const isAsked = unixSockets(listen).length > 0;
  const tell = (what: string, cure: string, within: number): void => {
    if (isAsked) place.error(fatal(what), cure, within);
    else place.warning(what, cure, within);
  };
  const { user, group } = value;
  if (!machine.hasUser(user))
    tell(
      `there is no user ${shown(user)}`,
      `type: useradd --system ${shown(user)}, or write one that getent passwd prints`,
      0,
    );
  if (group !== null && !machine.hasGroup(group))
    tell(
      `there is no group ${shown(group)}`,
      `type: groupadd --system ${shown(group)}, or write one that getent group prints`,
      user.length + 1,
    );
}

function missing(directory: string): string {
  return `there is no directory ${shown(directory)}`;
}

function fatal(what: string, how = 'without it'): string {
  return `${what}, and Postern does not start ${how}`;
}

function makeDirectory(directory: string, owner: SocketOwner | null): string {
  const path = quotedPath(directory);
  if (owner === null) return `mkdir -p ${path}`;
  const group = owner.group === null ? '' : ` -g ${owner.group}`;
  return `install -d -o ${owner.user}${group} -m 0750 ${path}`;
}
