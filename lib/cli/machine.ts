/** Owns what `postern check` asks this machine: are the directories, users, groups and files of a config there, and who may read its keys? */

import { spawnSync } from 'node:child_process';
import { lstatSync, statSync, type Stats } from 'node:fs';
import { isText } from '../greylist/sqlite-text.ts';
import type { Machine } from '../config/surroundings.ts';

export const thisMachine: Machine = {
  hasDirectory: (path) => stats(path, (found) => found.isDirectory()),
  hasFile: (path) => stats(path, (found) => found.isFile()),
  whatHas(path) {
    try {
      const found = lstatSync(path);
      if (found.isSocket()) return 'socket';
      return found.isDirectory() ? 'directory' : 'other';
    } catch {
      return null;
    }
  },
  isTextFile(path) {
    try {
      return statSync(path).isFile() && isText(path);
    } catch {
      return false;
    }
  },
  everybodyMayRead(path) {
    try {
      return (statSync(path).mode & 0o004) !== 0;
    } catch {
      return false;
    }
  },
  onlyRootMayRead(path) {
    if (process.getuid?.() !== 0) return false;
    try {
      const { mode, uid, gid } = statSync(path);
      return uid === 0 && (mode & 0o004) === 0 && (gid === 0 || (mode & 0o040) === 0);
    } catch {
      return false;
    }
  },
  hasUser: (name) => isKnown('passwd', name),
  hasGroup: (name) => isKnown('group', name),
};

/** What we may not look at counts as if it were so. */
function stats(path: string, holds: (found: Stats) => boolean): boolean {
  try {
    return holds(statSync(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

/** getent(1): 2 is "not there"; anything else, its own absence too, says nothing. A number needs no entry. */
function isKnown(database: 'passwd' | 'group', name: string): boolean {
  return /^\d+$/.test(name) || spawnSync('getent', [database, name], { stdio: 'ignore' }).status !== 2;
}
