/** Owns which store a config means, and what is told of it. */

import type { Config } from '../config/config.ts';
import { ROUNDS } from '../greylist/expiry-rounds.ts';
import { openMemoryStore } from '../greylist/memory-store.ts';
import { openSqliteStore } from '../greylist/sqlite-store.ts';
import type { Store, StoreEvent } from '../greylist/store.ts';
import type { Event } from '../observe/event.ts';

/** As in the config: `memory`, `sqlite:/var/lib/postern/postern.db`. */
export function storeName({ store }: Config): string {
  return store.kind === 'memory' ? 'memory' : `sqlite:${store.path}`;
}

export function openStore(config: Config, onEvent: (event: StoreEvent) => void): Promise<Store> | Store {
  if (config.store.kind === 'memory') return openMemoryStore({ expiry: { rounds: ROUNDS, now: Date.now } });
  return openSqliteStore(config.store.path, { onEvent, now: Date.now });
}

/** What happens to mail while the store fails. */
export function meanwhile({ onStoreFailure }: Pick<Config, 'onStoreFailure'>): string {
  return onStoreFailure === 'accept' ? 'mail is not greylisted' : 'unknown mail is told to try later';
}

export function told(event: StoreEvent, config: Pick<Config, 'onStoreFailure'>): Event {
  switch (event.kind) {
    case 'trouble':
      return { kind: 'store-trouble', why: event.why, meanwhile: meanwhile(config) };
    case 'recovered':
      return { kind: 'store-recovered' };
    case 'set-aside':
      return { kind: 'store-set-aside', file: event.file, movedTo: event.movedTo, why: event.why };
    case 'salvaged':
      return { kind: 'store-salvaged', from: event.from, standings: event.standings };
    case 'lost':
      return { kind: 'store-lost', file: event.file, replaced: event.replaced };
    case 'migrating':
      return { kind: 'store-migrating', from: event.from, to: event.to };
    case 'migrated':
      return { kind: 'store-migrated', from: event.from, to: event.to };
  }
}
