/** Owns the question what a user may do with a file, by its mode and owner (path_resolution(7)); no ACLs. */

import { statSync, type Stats } from 'node:fs';
import { posix } from 'node:path';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gids: readonly number[];
}

export const READ = 4;
export const WRITE = 2;
const SEARCH = 1;

/** Whether the bits of `wanted` are all his. */
export function may(user: User, stat: Stats, wanted: number): boolean {
  if (user.uid === 0) return true;
  const shift = stat.uid === user.uid ? 6 : user.gids.includes(stat.gid) ? 3 : 0;
  return ((stat.mode >> shift) & wanted) === wanted;
}

/** The first folder on the way to a path that he may not enter; null: none. */
export function closedFolder(user: User, path: string): string | null {
  const folders: string[] = [];
  for (let at = posix.dirname(path); at !== '/' && at !== '.'; at = posix.dirname(at)) folders.unshift(at);
  return (
    folders.find((folder) => {
      const stat = statOf(folder);
      return stat !== null && !may(user, stat, SEARCH);
    }) ?? null
  );
}

/** Null: there is none, or none that we may see. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

export function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}
