/** Owns what a config says of the header fields: which are wanted, on whose mail, and how its DNS lists are called. */

import { SPF_CHECKS } from '../checks/spf.ts';
import type { Config } from '../config/config.ts';
import type { HeaderFields } from '../config/header-settings.ts';
import { asksSpf } from '../config/judge-spf.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import type { ListSite } from '../lists/list-site.ts';
import { NetworkSet } from '../mail/network.ts';
import type { CheckId } from '../policy/finding.ts';
import type { ListUse } from '../rules/list-says.ts';
import { listUsesOf, weighedIn } from '../rules/rule-lists.ts';

export interface HeaderSettings {
  readonly fields: HeaderFields;
  readonly mynetworks: NetworkSet;
  /** Every DNS list of the policy, as often as it is asked, in the order of the rules; each by its alias. */
  readonly uses: readonly ListUse[];
  /** Those that the score is made of. */
  readonly weighed: readonly ListSite[];
  readonly known: KnownLists;
  /** What is found out for the headers' sake, where the rules let a message in without. */
  readonly asks: readonly CheckId[];
}

export function headerSettings(config: Config): HeaderSettings {
  const { headers, mynetworks, policy, lists, knownLists } = config;
  return {
    fields: headers,
    mynetworks: new NetworkSet(mynetworks),
    uses: listUsesOf(policy).map((use) => ({
      ...use,
      site: { ...use.site, alias: lists.aliases.get(use.site.zone) ?? use.site.alias },
    })),
    weighed: weighedIn(policy),
    known: knownLists,
    asks: (headers.authenticationResults || headers.receivedSpf) && asksSpf(policy) ? SPF_CHECKS : [],
  };
}
