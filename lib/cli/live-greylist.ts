/** Owns the greylist that `postern explain` reads. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Reader } from '../greylist/sqlite-reader.ts';
import { openReader } from './greylist-place.ts';
import { isClosedToUs } from './places.ts';

export interface LiveGreylist {
  readonly reader: Reader | null;
  /** Null: there is none that can be read. */
  readonly path: string | null;
  readonly note: readonly string[];
}

/** Throws StoreError: it is there and can't be read. */
export function openGreylist({ store }: Config): LiveGreylist {
  if (store.kind === 'memory') {
    const note = ['store: memory is seen by the service alone: here every triplet is new'];
    return { reader: null, path: null, note };
  }
  const { path } = store;
  if (!existsSync(path) && !isClosedToUs(path))
    return { reader: null, path: null, note: [`there is no ${path} yet: every triplet is new`] };
  return { reader: openReader(path), path, note: [] };
}
