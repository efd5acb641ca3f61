/** Owns ProbeLists: what tests the lists of a policy where no service runs that knows them. */

import type { Config } from '../config/config.ts';
import { sitesOf } from '../rules/rule-lists.ts';
import type { ListReport } from './list-report.ts';

/** Asks each list of the policy for its test entries once. Fulfils in bounded time; what fails is a state. */
export type ProbeLists = (config: Config, nowMs: number) => Promise<readonly ListReport[]>;

/** Nothing is asked: every list is as unknown as before. */
export const probeNothing: ProbeLists = (config, nowMs) => {
  const aliases = new Set(sitesOf(config.policy).map(({ alias }) => alias));
  const since = new Date(nowMs).toISOString();
  return Promise.resolve(
    [...aliases].map((list) => ({
      ...{ list, kind: 'addresses', state: 'untested', since, why: null, tested: null },
      ...{ queries: 0, hits: 0, hitRate: null, failed: 0, medianMs: null, p95Ms: null, overlap: [] },
    })),
  );
};
