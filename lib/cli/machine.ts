/** Owns what `postern check` asks this machine: are the directories, users and groups of a config there? */

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Machine } from '../config/surroundings.ts';

export const thisMachine: Machine = {
  hasDirectory(path) {
    try {
      return statSync(path).isDirectory();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      return code !== 'ENOENT' && code !== 'ENOTDIR';
    }
  },
  hasUser: (name) => isKnown('passwd', name),
  hasGroup: (name) => isKnown('group', name),
};

/** getent(1): 2 is "not there"; anything else, its own absence too, says nothing. A number needs no entry. */
function isKnown(database: 'passwd' | 'group', name: string): boolean {
  return /^\d+$/.test(name) || spawnSync('getent', [database, name], { stdio: 'ignore' }).status !== 2;
}
