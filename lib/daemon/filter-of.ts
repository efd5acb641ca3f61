/** Owns the filter of a config, as the service runs it. */

import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Store } from '../greylist/store.ts';
import type { Filter } from '../milter/filter.ts';
import type { GateSettings } from '../server/gate-settings.ts';
import { createGate } from '../server/gate.ts';
import { headerSettings } from '../server/header-settings.ts';
import { learningOf, policyOf, type PolicyParts } from './policy-of.ts';

export interface FilterParts
  extends Omit<PolicyParts, 'store'>, Pick<GateSettings, 'observe' | 'sink' | 'sessionId'> {
  readonly store: Store;
}

export function filterOf(config: Config, parts: FilterParts): Filter {
  const { observe, sink, sessionId, now } = parts;
  return createGate({
    policy: policyOf(config, parts),
    authservId: config.authservId,
    hostName: hostname(),
    headers: headerSettings(config),
    learning: learningOf(config, parts),
    ...{ observe, sink, now, sessionId },
  });
}

/** Names sessions apart, those of a service that ran before too: `k3f9-0`, `k3f9-1`, … */
export function sessionIds(): () => string {
  const prefix = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}
