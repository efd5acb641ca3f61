/** Owns a stage for list health: one list, a name server in the process, a clock that is moved by hand. */

import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import type { Resolver } from '../../lib/dns/resolver.ts';
import type { AnnouncedList } from '../../lib/lists/announced-list.ts';
import { announced } from '../../lib/lists/announced-list.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import type { ListChange, Standing } from '../../lib/lists/list-health.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import { parseListSite } from '../../lib/lists/list-site.ts';
import { ProbedHealth } from '../../lib/lists/probed-health.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { HandClock, until } from '../support/hand-clock.ts';

export const ZONE = 'bl.example.org';

/** A zone that works: its test entry, and nobody else but 192.0.2.99. */
export const SOUND = [`2.0.0.127.${ZONE}. A 127.0.0.2`, `99.2.0.192.${ZONE}. A 127.0.0.2`];

/** It lists everybody. */
export const WORLD = [...SOUND, `1.0.0.127.${ZONE}. A 127.0.0.2`];

export function list(zone = ZONE, kind: 'address' | 'name' = 'address'): AnnouncedList {
  const read = parseListSite(zone);
  if (!read.ok) throw new Error(read.what);
  return announced(read.site, kind, BUNDLED_LISTS, NO_KEYS);
}

export interface Stage {
  readonly dns: DnsServer;
  readonly clock: HandClock;
  readonly health: ProbedHealth;
  readonly changes: ListChange[];
  /** `untested → alive: why`. */
  readonly said: () => string[];
  /** Waits until the first tests of `zone` are done. */
  readonly tested: (zone?: string, kind?: AnnouncedList['kind']) => Promise<Standing>;
}

const stages: Stage[] = [];

export async function stage(
  lines: readonly string[],
  over?: (own: Resolver, clock: HandClock) => Resolver,
): Promise<Stage> {
  const dns = await DnsServer.start(lines);
  const clock = new HandClock();
  const own = new NodeResolver({ servers: [dns.address], timeoutMs: 5000 });
  const changes: ListChange[] = [];
  const health = new ProbedHealth({
    resolver: over?.(own, clock) ?? own,
    clock,
    onChange: (change) => changes.push(change),
    spread: () => 1,
  });
  const made: Stage = {
    dns,
    clock,
    health,
    changes,
    said: () => changes.map(({ from, to, why }) => `${from} → ${to}${why === null ? '' : `: ${why}`}`),
    async tested(zone = ZONE, kind = 'address') {
      const standing = await health.standing(zone, kind);
      await until(() =>
        health.snapshot().every(({ testedMs, state }) => testedMs !== null || state === 'no-key'),
      );
      return standing;
    },
  };
  stages.push(made);
  return made;
}

/** Call inside a `describe`. */
export function closesStages(): void {
  afterEach(async () => {
    for (const { health, dns } of stages.splice(0)) {
      health.close();
      await dns.close();
    }
  });
}
