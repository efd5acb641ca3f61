/** Owns what `postern explain` works on: the live config, its tables and its greylist, none of which it changes. */

import { openTables, type OpenTables } from '../config/open-tables.ts';
import { policyOf } from '../daemon/policy-of.ts';
import { listsOf } from '../config/list-checks.ts';
import { listsOver, openResolver } from '../daemon/lookups.ts';
import type { Resolver } from '../dns/resolver.ts';
import { Explainer } from '../explain/explainer.ts';
import { listNotes } from '../explain/list-notes.ts';
import type { Report } from '../explain/trace.ts';
import { DryStore } from '../greylist/dry-store.ts';
import { headerSettings } from '../server/header-settings.ts';
import type { Reader } from '../greylist/sqlite-reader.ts';
import { readLaid, WrongConfig, type Given } from './laid-config.ts';
import { openGreylist } from './live-greylist.ts';

export interface Opening {
  readonly config: string;
  readonly given: Given | null;
  /** Null: the DNS, as the config has it asked. */
  readonly resolver: Resolver | null;
  readonly nowMs: number;
  readonly stateDirectory: string;
  readonly hostName: string;
  /** `{daemon_name}`; null: not said. */
  readonly daemon: string | null;
}

export interface Live {
  readonly explainer: Explainer;
  readonly resolver: Resolver;
  readonly about: Pick<Report, 'config' | 'store' | 'name' | 'notes'>;
  /** The name in the headers is what this machine calls itself; the MTA may say another. */
  readonly nameIsGuessed: boolean;
  /** On DNS lists that decide nothing, as far as is known by then. */
  listNotes(): readonly string[];
  close(): void;
}

/** Throws WrongConfig, or StoreError if the database is there and can't be read. */
export async function openLive(opening: Opening): Promise<Live> {
  const { nowMs, hostName } = opening;
  const { config, placeOf, placed, notes } = readLaid(opening.config, opening.given, opening.stateDirectory);
  const resolver = opening.resolver ?? openResolver(config.dns);
  const tables = await openTables(config, { onReread: () => {}, pollMs: 0 });
  try {
    if (tables.problems.some(({ severity }) => severity === 'error'))
      throw new WrongConfig(tables.problems.map(placed));
    const { reader, path, note } = openGreylist(config);
    const clock = { nowMs };
    const lists = listsOver(resolver.fresh ?? resolver);
    lists.hold(listsOf(config));
    const policy = policyOf(config, {
      store: new DryStore(reader),
      tables: tables.tables,
      resolver,
      lists,
      now: () => clock.nowMs,
    });
    const { authservId, observe } = config;
    const explainer = new Explainer({
      policy,
      written: { lists: config.policy.map(({ name }) => name), placeOf },
      authservId,
      hostName,
      mtaName: null,
      daemon: opening.daemon,
      observe,
      headers: headerSettings(config),
      clock,
    });
    const guessed = authservId === null;
    return {
      explainer,
      resolver,
      about: {
        config: opening.config,
        store: path,
        name: authservId ?? hostName,
        notes: [
          ...notes,
          ...note,
          ...(observe ? ['observe: true, so everything is let through'] : []),
          ...(guessed
            ? [`authserv_id is not set: headers have the MTA's own name instead of ${hostName}`]
            : []),
        ],
      },
      nameIsGuessed: guessed,
      listNotes: () => listNotes(lists.health.snapshot(), lists.announced, opening.resolver !== null),
      close: () => closeAll(explainer, reader, tables),
    };
  } catch (error) {
    tables.close();
    throw error;
  }
}

function closeAll(explainer: Explainer, reader: Reader | null, tables: OpenTables): void {
  explainer.close();
  reader?.close();
  tables.close();
}
