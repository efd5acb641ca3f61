/** Owns the question whether everybody on the machine may read the keys of DNS lists, or nobody but root. */

import { holdsKey } from '../mail/secret-zone.ts';
import type { listSettings } from './list-settings.ts';
import { shown } from '../yaml/problem.ts';
import { sitesOf, type RuleList } from '../rules/rule-lists.ts';
import type { Place } from '../yaml/place.ts';
import type { Entries } from '../yaml/section.ts';
import type { SocketOwner } from './socket.ts';
import { quotedPath } from '../shell-path.ts';
import type { Machine } from './surroundings.ts';

/** `rules`: those of the policy in which nothing is wrong. */
export function judgeSecrets(
  policy: Place,
  rules: readonly RuleList[],
  { key_files }: Entries<typeof listSettings.fields>,
  owner: SocketOwner | null,
  machine: Machine,
): void {
  const { file } = policy.source;
  const secret = sitesOf(rules).find(({ zone }) => holdsKey(zone));
  if (secret !== undefined && machine.everybodyMayRead(file))
    policy.warning(
      `everybody on this machine may read the key of ${secret.alias} in this file`,
      `type: ${closing(file)} (with the group of the user that runs postern), or keep it in a file of lists.key_files`,
    );
  const runner = runnerOf(owner, machine);
  for (const source of key_files.value.values()) {
    if (source.kind !== 'file') continue;
    const { path } = source;
    if (!machine.hasFile(path))
      key_files.place.warning(
        `there is no file ${shown(path)}`,
        'write the key into it, or remove it from lists.key_files',
      );
    else if (machine.everybodyMayRead(path))
      key_files.place.warning(
        `everybody on this machine may read the key in ${shown(path)}`,
        `type: ${closing(path)} (with the group of the user that runs postern)`,
      );
    else if (runner !== null && machine.onlyRootMayRead(path))
      key_files.place.warning(
        `only root may read the key in ${shown(path)}, and ${runner} is who runs Postern, it seems`,
        `type: ${closing(path)} (with the group of the user that runs postern)`,
      );
  }
}

/** Who runs the service nobody knows before it runs. Null: root, perhaps. */
function runnerOf(owner: SocketOwner | null, machine: Machine): string | null {
  // Only root can give a socket to another user, and he gives it to an MTA.
  if (owner !== null && !/^(?:postfix|smmsp|smmta|mail|daemon)$/.test(owner.user))
    return /^(?:root|0+)$/.test(owner.user) ? null : owner.user;
  return machine.hasUser('postern') ? 'postern' : null;
}

function closing(path: string): string {
  return `chgrp postern ${quotedPath(path)} && chmod 0640 ${quotedPath(path)}`;
}
