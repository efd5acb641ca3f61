/** Owns explainers for specs: on a config's text, with an empty greylist, and a zone instead of the DNS. */

import { openTables } from '../../lib/config/open-tables.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { Explainer } from '../../lib/explain/explainer.ts';
import { DryStore } from '../../lib/greylist/dry-store.ts';
import { headerSettings } from '../../lib/server/header-settings.ts';
import { HOST_NAME, MTA_NAME, policyOn, KEYS } from '../support/dialogue.ts';

/** `file`: what rules are said to stand in. Throws Error if the config is wrong. */
export async function explainerOn(
  file: string,
  text: string,
  zone: readonly string[] = [],
): Promise<Explainer> {
  const loaded = readConfig(text, file, { stateDirectory: '/nonexistent', files: KEYS });
  if (!loaded.ok)
    throw new Error(`the config is wrong: ${loaded.problems.map(({ what }) => what).join('; ')}`);
  const { config } = loaded;
  const { tables } = await openTables(config, { onReread: () => {}, pollMs: 0 });
  const clock = { nowMs: 0 };
  const parts = { store: new DryStore(null), now: () => clock.nowMs, resolver: zoneResolver(zone) };
  return new Explainer({
    policy: policyOn(parts, config, tables),
    written: { lists: config.policy.map(({ name }) => name), placeOf: (line) => ({ file, line }) },
    authservId: config.authservId,
    hostName: HOST_NAME,
    daemon: null,
    mtaName: MTA_NAME,
    observe: config.observe,
    headers: headerSettings(config),
    clock,
  });
}
