/** Owns who is who: the user that the service runs as, and the one of the MTA. */

import { posix } from 'node:path';
import type { Patient } from './patient.ts';
import type { Programs } from './programs.ts';
import { statOf, type User } from './rights.ts';

/** By id(1), which knows the users of LDAP and systemd too; null: there is no such user. */
export async function userNamed(name: string, programs: Programs, signal: AbortSignal): Promise<User | null> {
  const [uid, gids, called] = await Promise.all(
    ['-u', '-G', '-un'].map((option) => programs.run('id', [option, '--', name], signal)),
  );
  if (uid?.kind !== 'ended' || uid.status !== 0 || gids?.kind !== 'ended' || gids.status !== 0) return null;
  const numbers = gids.stdout.trim().split(/\s+/).map(Number);
  const known = called?.kind === 'ended' && called.status === 0 ? called.stdout.trim() : name;
  return { name: known, uid: Number(uid.stdout), gids: numbers };
}

/**
 * Of the service that runs, else whom the greylist's directory, the greylist or the state belongs to: root only if all are
 * root's, for what root has typed there leaves files of his in another's directory. Null: it never ran here.
 */
export async function serviceUser(patient: Patient, signal: AbortSignal): Promise<User | null> {
  const { service, config, stateDirectory, programs } = patient;
  if (service.kind === 'answered') {
    const { uid, gid } = service.answer;
    const known = await userNamed(String(uid), programs, signal);
    return { name: known?.name ?? String(uid), uid, gids: [...new Set([gid, ...(known?.gids ?? [])])] };
  }
  const { store } = config;
  const files = store.kind === 'sqlite' ? [posix.dirname(store.path), store.path] : [];
  const left = [...files, stateDirectory].flatMap((path) => statOf(path) ?? []);
  const owner = left.find(({ uid }) => uid !== 0) ?? left[0];
  if (owner === undefined) return null;
  return (
    (await userNamed(String(owner.uid), programs, signal)) ?? {
      name: String(owner.uid),
      uid: owner.uid,
      gids: [owner.gid],
    }
  );
}
