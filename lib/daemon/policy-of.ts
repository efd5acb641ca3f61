/** Owns the policy of a config, as the service asks it. */

import type { Greylisting } from '../checks/greylist.ts';
import type { Config } from '../config/config.ts';
import { compilePolicy } from '../config/compile-policy.ts';
import { oursOf } from '../config/policy-checks.ts';
import { NetworkSet } from '../mail/network.ts';
import { Learning, type LearningSettings } from '../server/learning.ts';
import type { OpenTables } from '../config/open-tables.ts';
import type { ListsAsked } from '../config/policy-checks.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Policy } from '../policy/policy.ts';
import { ownNames } from '../server/own-names.ts';

/** What a policy works with that outlives the reading of its config. */
export interface PolicyParts {
  readonly store: Greylisting['store'];
  readonly tables: OpenTables['tables'];
  readonly resolver: Resolver;
  /** Those of the config are held. */
  readonly lists: ListsAsked;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `explain` gives it a dry store and a clock of its own. */
export function policyOf(config: Config, { store, tables, resolver, lists, now }: PolicyParts): Policy {
  const { delayMs, retryWindowMs, lifetimeMs, allowAfter, capMs, origins, ipv4Prefix, ipv6Prefix } =
    config.greylist;
  return compilePolicy(config, {
    greylisting: {
      store,
      timings: { delayMs, windowMs: retryWindowMs, lifetimeMs, allowAfter, capMs },
      origins,
      ipv4Prefix,
      ipv6Prefix,
      now,
    },
    resolver,
    lists,
    own: ownNames(config.authservId),
    tables,
  });
}

/** What is remembered besides triplets. */
export function learningOf(
  config: Config,
  {
    store,
    tables,
    now,
    sink,
  }: Pick<LearningSettings, 'store' | 'sink'> & Pick<PolicyParts, 'tables' | 'now'>,
): Learning {
  const { learnOutbound, lifetimeMs } = config.greylist;
  const networks = new NetworkSet(config.mynetworks);
  return new Learning({
    store,
    answersMs: learnOutbound ? lifetimeMs : null,
    mynetworks: ({ address }) => networks.has(address),
    ours: oursOf(config, tables),
    now,
    sink,
  });
}
