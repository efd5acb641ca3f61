/** Owns the greylist that `postern explain` reads. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { ask } from '../control/ask.ts';
import { troubleText } from '../control/service-status.ts';
import type { Reader } from '../greylist/sqlite-reader.ts';
import { openReader } from './greylist-place.ts';
import { controlSocket, isClosedToUs } from './places.ts';
import { localTime } from './print.ts';

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

/** Nobody waits for a service that is silent. */
const PATIENCE_MS = 2000;

/** The service does otherwise than its greylist says while it can't use it. `config`: the file that is explained. */
export async function troubleNotes(config: string): Promise<readonly string[]> {
  const status = await ask(controlSocket(process.env), 'status', PATIENCE_MS);
  if (status.kind !== 'answered' || status.answer.config !== config) return [];
  const { storeTrouble: trouble } = status.answer;
  if (trouble === null) return [];
  const since = localTime(Date.parse(trouble.since));
  return [`${troubleText(trouble, since)}; what the greylist says below holds when it works again`];
}
