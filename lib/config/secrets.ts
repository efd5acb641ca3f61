/** Owns the question whether everybody on the machine may read the keys of DNS lists. */

import { holdsKey } from '../mail/secret-zone.ts';
import type { listSettings } from './list-settings.ts';
import { shown } from '../yaml/problem.ts';
import { sitesOf, type RuleList } from '../rules/rule-lists.ts';
import type { Entries, Entry } from '../yaml/section.ts';
import { quotedPath, type Machine } from './surroundings.ts';

export function judgeSecrets(
  policy: Entry<readonly RuleList[]>,
  { key_files }: Entries<typeof listSettings.fields>,
  machine: Machine,
): void {
  const { file } = policy.place.source;
  const secret = sitesOf(policy.value).find(({ zone }) => holdsKey(zone));
  if (secret !== undefined && machine.everybodyMayRead(file))
    policy.place.warning(
      `everybody on this machine may read the key of ${secret.alias} in this file`,
      `type: ${closing(file)} (with the group of the user that runs postern), or keep it in a file of lists.key_files`,
    );
  for (const source of key_files.value.values()) {
    if (source.kind !== 'file') continue;
    const { path } = source;
    if (!machine.hasFile(path))
      key_files.place.warning(`there is no file ${shown(path)}`, 'write the key into it, or remove the line');
    else if (machine.everybodyMayRead(path))
      key_files.place.warning(
        `everybody on this machine may read the key in ${shown(path)}`,
        `type: ${closing(path)} (with the group of the user that runs postern)`,
      );
  }
}

function closing(path: string): string {
  return `chgrp postern ${quotedPath(path)} && chmod 0640 ${quotedPath(path)}`;
}
