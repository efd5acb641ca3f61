/** Owns the examination of rights: who can read keys and greylist, what the service can't read or write, whom its sockets let in. */

import { posix } from 'node:path';
import type { Config } from '../config/config.ts';
import { isReadOnlyDisk } from '../greylist/sqlite-cure.ts';
import { quotedPath } from '../shell-path.ts';
import { holdsKey } from '../mail/secret-zone.ts';
import { sitesOf } from '../rules/rule-lists.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';
import { readPostfix } from './postfix-settings.ts';
import { ofFiles } from './readable-files.ts';
import { closedFolder, may, octal, READ, statOf, WRITE, type User } from './rights.ts';
import { serviceUser, userNamed } from './users.ts';

export const permissions: Examination = {
  name: 'permissions',
  async look(patient, signal) {
    const user = await serviceUser(patient, signal);
    const found = [
      ...ofKeys(patient, user),
      ...(user === null ? [] : ofState(patient, user)),
      ...(await ofSockets(patient, signal)),
    ];
    if (found.length > 0) return found;
    return [
      user === null
        ? note('no service has run here yet: its rights can be judged when it has')
        : ok(`what user ${user.name} needs it may read and write, and no more than that is open`),
    ];
  },
};

/** Readable by everybody, or not by the service. */
function ofKeys({ config, configFile }: Patient, user: User | null): Diagnosis[] {
  const group = user?.name ?? 'postern';
  const secret = sitesOf(config.policy).some(({ zone }) => holdsKey(zone));
  const files = [...config.lists.keys.values()].flatMap((source) =>
    source.kind === 'file' ? [source.path] : [],
  );
  return [...(secret ? [configFile] : []), ...files].flatMap((file) => {
    const stat = statOf(file);
    if (stat === null) return [];
    const cure = `chgrp ${group} ${quotedPath(file)} && chmod 0640 ${quotedPath(file)}`;
    if ((stat.mode & 0o004) !== 0)
      return [
        warning(`everybody on this machine may read the key in ${file} (mode ${octal(stat.mode)})`, cure),
      ];
    if (user !== null && !may(user, stat, READ))
      return [problem(`user ${user.name}, who runs the service, may not read the key in ${file}`, cure)];
    return [];
  });
}

function ofState(patient: Patient, user: User): Diagnosis[] {
  const { config, stateDirectory } = patient;
  const folders = new Set([
    stateDirectory,
    ...(config.store.kind === 'sqlite' ? [posix.dirname(config.store.path)] : []),
  ]);
  return [
    ...ofFiles(patient, user),
    ...[...folders].flatMap((folder) => [...ofDisk(folder), ...unwritable(folder, user, quotedPath(folder))]),
    ...ofDatabase(config, user),
  ];
}

/** SQLite makes its log files with the rights of the database, but for whoever was first: root, perhaps, by hand. */
function ofDatabase({ store }: Config, user: User): Diagnosis[] {
  if (store.kind !== 'sqlite') return [];
  const files = ['', '-wal', '-shm', '-lock'].map((suffix) => `${store.path}${suffix}`);
  const others = files.flatMap((file) => unwritable(file, user, `${quotedPath(store.path)}*`));
  const stat = statOf(store.path);
  if (stat === null || (stat.mode & 0o004) === 0) return others;
  return [
    ...others,
    warning(
      `everybody on this machine may read who writes to whom in ${store.path} (mode ${octal(stat.mode)})`,
      `chmod 0640 ${quotedPath(store.path)}*`,
    ),
  ];
}

/** No mode tells of it. */
function ofDisk(folder: string): Diagnosis[] {
  if (!isReadOnlyDisk(folder)) return [];
  const path = quotedPath(folder);
  return [
    problem(
      `the file system of ${folder} is read-only: nothing can be written there`,
      'dmesg --level=err,warn | tail',
      `mount -o remount,rw "$(findmnt -no TARGET -T ${path})"`,
    ),
  ];
}

/** `all`: fit for a shell; what else most likely is so. */
function unwritable(path: string, user: User, all: string): Diagnosis[] {
  const stat = statOf(path);
  if (stat === null || may(user, stat, READ | WRITE)) return [];
  return [
    problem(
      `user ${user.name}, who runs the service, may not write ${path} (mode ${octal(stat.mode)}, of ${stat.uid === 0 ? 'root' : `user id ${stat.uid}`}): it can't start with that`,
      // His own needs no new owner, which would change nothing.
      stat.uid === user.uid ? `chmod u+rw ${all}` : `chown ${user.name} ${all}`,
    ),
  ];
}

/** smtpd connects as the owner of the mail queue. */
async function ofSockets(
  { config, places, programs, configFile }: Patient,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const sockets = config.listen.flatMap((address) => (address.kind === 'unix' ? [address.path] : []));
  if (sockets.length === 0) return [];
  const postfix = await readPostfix(places.postfix, programs, signal);
  if (postfix === null) return [];
  const owner = await userNamed(postfix.get('mail_owner') ?? 'postfix', programs, signal);
  if (owner === null) return [];
  return sockets.flatMap((path) => {
    const stat = statOf(path);
    const closed = closedFolder(owner, path);
    if (closed !== null)
      return [
        problem(
          `Postfix (user ${owner.name}) may not enter ${closed}, where its socket is`,
          `chgrp ${owner.name} ${quotedPath(closed)} && chmod g+x ${quotedPath(closed)}`,
        ),
      ];
    if (stat === null || may(owner, stat, WRITE)) return [];
    return [
      problem(
        `Postfix (user ${owner.name}) may not connect to ${path} (mode ${octal(stat.mode)})`,
        `in ${configFile} write: socket_owner: postern:${owner.name} and socket_mode: "0660"`,
        'postern reload',
      ),
    ];
  });
}
