/** Owns what the service answers to those who ask on the control socket how it is. */

import type { Config } from '../config/config.ts';
import { reportOf, type ListReport } from '../control/list-report.ts';
import type { Answers } from '../control/questions.ts';
import type { ServiceStatus, StoreTrouble } from '../control/service-status.ts';
import type { Store } from '../greylist/store.ts';
import type { Feed } from '../observe/feed.ts';
import type { Service } from '../server/service.ts';
import { VERSION } from '../version.ts';
import { lastWeek } from './greylist-answers.ts';
import type { Lookups } from './lookups.ts';
import { meanwhile } from './store.ts';

/** What is in use, and may be another after a reload. */
export interface InUse {
  readonly config: Config;
  /** Milliseconds since 1970: just before it was read. */
  readonly loadedMs: number;
  readonly observe: boolean;
}

/** What a reload does not change. */
export type ServiceTrouble = Pick<StoreTrouble, 'why' | 'since'>;

export interface ServiceDesk {
  readonly configFile: string;
  readonly inUse: () => InUse;
  readonly store: Store;
  readonly storeName: string;
  /** Null: the store works. */
  readonly trouble: () => ServiceTrouble | null;
  readonly service: Pick<Service, 'addresses' | 'connections'>;
  readonly lookups: Pick<Lookups, 'figures' | 'lists'>;
  readonly feed: Pick<Feed, 'view'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function serviceAnswers(desk: ServiceDesk): Pick<Answers, 'status' | 'lists' | 'top'> {
  return {
    status: () => statusOf(desk),
    lists: () => reportsOf(desk),
    async top() {
      const nowMs = desk.now();
      const lists = reportsOf(desk);
      return {
        nowMs,
        status: statusOf(desk),
        feed: desk.feed.view(),
        greylist: await lastWeek(desk.store, nowMs),
        out: lists.filter(({ state }) => state !== 'alive'),
        lists: lists.length,
      };
    },
  };
}

function statusOf({ configFile, inUse, storeName, trouble, service }: ServiceDesk): ServiceStatus {
  const { config, loadedMs, observe } = inUse();
  const found = trouble();
  return {
    version: VERSION,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    config: configFile,
    loaded: new Date(loadedMs).toISOString(),
    observe,
    store: storeName,
    storeTrouble: found === null ? null : { ...found, meanwhile: meanwhile(config) },
    listening: service.addresses,
    connections: service.connections,
  };
}

/** In the order of the policy. */
function reportsOf({ lookups }: ServiceDesk): readonly ListReport[] {
  const { announced } = lookups.lists;
  return lookups.figures().map((figures) => reportOf(figures, announced));
}
