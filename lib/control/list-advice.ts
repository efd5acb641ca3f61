/** Owns what an administrator can do about a DNS list that is not alive. */

import { BUNDLED_LISTS } from '../lists/known-lists.ts';
import type { ListReport } from './list-report.ts';

/** One sentence without a full stop; null: it is alive, and nothing is to be done. */
export function listAdvice({ list, state, instead }: ListReport): string | null {
  const known = BUNDLED_LISTS.find(list);
  const ended =
    known?.state === 'dead' ? `it ended${known.since === null ? '' : ` in ${known.since}`}` : null;
  if (ended === null && instead !== null) return instead;
  switch (state) {
    case 'alive':
      return null;
    case 'no-key':
      return 'write its key where lists: key_files: says';
    case 'untested':
      return 'nothing was asked of it yet; look again in a minute';
    case 'blind':
      return ended === null
        ? 'it refuses the resolver that asks it: run one of your own (postern doctor says how), or get a key of the list'
        : `${ended}: take it out of policy:`;
    case 'lists-the-world':
      return ended === null
        ? 'nothing: it decides nothing until it heals; take it out of policy: if that lasts for days'
        : `${ended}: take it out of policy:`;
    case 'dead':
      return ended === null
        ? 'see whether it still exists (its web site), and whether other names resolve (postern doctor); take it out of policy: if it is gone'
        : `${ended}: take it out of policy:`;
  }
}
