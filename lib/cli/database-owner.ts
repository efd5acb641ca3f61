/** Owns becoming whom the database belongs to, so that a file which root makes is not closed to the service. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** For the rest of this process; only root can, and only root need. */
export function becomeOwnerOf(path: string): void {
  if (process.geteuid?.() !== 0) return;
  const owner =
    statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path), { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  process.setgroups!([owner.gid]);
  process.setegid!(owner.gid);
  process.seteuid!(owner.uid);
}
