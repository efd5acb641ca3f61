/** Owns the greylist that `postern explain` reads. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { readSqlite, type Reader } from '../greylist/sqlite-reader.ts';
import { StoreError } from '../greylist/store.ts';
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
  if (isClosedToUs(path))
    throw new StoreError(
      'io',
      `can't read ${path}: no permission; run this as root, or as the user of the service (its owner)`,
    );
  if (!existsSync(path))
    return { reader: null, path: null, note: [`there is no ${path} yet: every triplet is new`] };
  return { reader: readSqlite(path), path, note: [] };
}
