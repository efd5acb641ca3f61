/** Owns what there is to be said of a DNS list besides its state: what to do about it, and what its tests don't show. */

import { BUNDLED_LISTS } from '../lists/known-lists.ts';
import type { ListReport } from './list-report.ts';

/** One sentence without a full stop; null: it is alive, and nothing is to be done. */
export function listAdvice({ list, state, why, instead }: ListReport): string | null {
  const known = BUNDLED_LISTS.find(list);
  const ended =
    known?.state === 'dead' ? `it ended${known.since === null ? '' : ` in ${known.since}`}` : null;
  if (ended === null && instead !== null) return instead;
  switch (state) {
    case 'alive':
      return null;
    case 'no-key':
      return 'write its key where lists: key_files: says, then: postern reload';
    case 'untested':
      return why === null
        ? 'nothing was asked of it yet; look again in a minute'
        : 'it is asked once more at once; look again in a minute';
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

/** Behind a resolver that knows no name such a list would look just as sound, until it first lists somebody. */
export function isUnproven({ state, testEntry, hits }: ListReport): boolean {
  return state === 'alive' && testEntry === null && hits === 0;
}

export const UNPROVEN = 'no test entry is known: whether it answers at all is not known';
