/** Owns how the rows of another greylister's database get into Postern's, some hundreds at a time. */

import type { Adoption, AdoptionCounts } from '../greylist/adopt.ts';
import type { Config } from '../config/config.ts';
import type { Prefixes } from '../greylist/address-origin.ts';
import { openSqliteStore } from '../greylist/sqlite-store.ts';
import type { ForeignRow } from '../import/foreign-row.ts';
import { becomeOwnerOf } from './database-owner.ts';

/**
 * Why, with this configuration, some whom it knows would be delayed again; with the cure. The prefixes are those to which
 * it has cut its networks: who is found by less could not be told apart.
 */
export function unfitFor(
  name: string,
  { ipv4Prefix, ipv6Prefix }: Prefixes,
  { greylist, store }: Config,
): string[] {
  const narrow = (key: string, ours: number, theirs: number): string[] =>
    ours <= theirs
      ? []
      : [
          `${key}: ${ours} asks for smaller networks than ${name} knows (/${theirs}); write ${key}: ${theirs}`,
        ];
  return [
    ...(store.kind === 'memory'
      ? ['store: memory is seen by the service alone; write sqlite:postern.db']
      : []),
    ...(greylist.origins.includes('network')
      ? []
      : [`origin: has no network, and ${name} knows nothing else; write origin: [spf, ptr, network]`]),
    ...narrow('ipv4_prefix', greylist.ipv4Prefix, ipv4Prefix),
    ...narrow('ipv6_prefix', greylist.ipv6Prefix, ipv6Prefix),
  ];
}

/** Larger ones would keep mail waiting, if it came in between. */
const ROWS_AT_ONCE = 256;

export interface Progress {
  /** After each batch. */
  adopted(counts: AdoptionCounts): void;
  /** A sentence about the file. */
  told(sentence: string): void;
}

/**
 * Rejects with StoreError, also because the service runs; and with what `rows` throws: what came before that is adopted
 * all the same.
 */
export async function adoptRows(
  path: string,
  rows: AsyncIterable<ForeignRow>,
  { greylist }: Config,
  progress: Progress,
): Promise<void> {
  becomeOwnerOf(path);
  const store = await openSqliteStore(path, {
    now: Date.now,
    rounds: null,
    deadlineMs: 60_000,
    onEvent(event) {
      if (event.kind === 'trouble') progress.told(event.why);
      if (event.kind === 'set-aside')
        progress.told(`${event.file} was damaged (${event.why}): it is ${event.movedTo} now`);
    },
  });
  const timings = {
    delayMs: greylist.delayMs,
    windowMs: greylist.retryWindowMs,
    lifetimeMs: greylist.lifetimeMs,
    allowAfter: greylist.allowAfter,
  };
  try {
    await inBatches(rows, async (batch) => progress.adopted(await store.adopt(batch, Date.now(), timings)));
  } finally {
    await store.close();
  }
}

async function inBatches(
  rows: AsyncIterable<ForeignRow>,
  adopt: (batch: readonly Adoption[]) => Promise<void>,
): Promise<void> {
  let batch: Adoption[] = [];
  try {
    for await (const row of rows) {
      if (typeof row !== 'string') batch.push(...row);
      if (batch.length < ROWS_AT_ONCE) continue;
      await adopt(batch);
      batch = [];
    }
  } finally {
    if (batch.length > 0) await adopt(batch);
  }
}
