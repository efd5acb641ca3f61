/** Owns the test of a policy's DNS lists by a command, where no service runs that has tested them. */

import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { listsOf } from '../config/list-checks.ts';
import { reportOf, type ListReport } from '../control/list-report.ts';
import { listsOver, openResolver } from '../daemon/lookups.ts';

/** Two tries of what does not answer at once, and what is between them. */
const LONGEST_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** A list that has not told by the end is `untested`. */
export async function probePolicy(config: Config): Promise<readonly ListReport[]> {
  const lists = listsOver(openResolver(config.dns).fresh);
  const release = lists.hold(listsOf(config));
  try {
    const { health } = lists;
    for (let waited = 0; waited < LONGEST_MS; waited += LOOK_EVERY_MS) {
      if (health.snapshot().every(({ state }) => state !== 'untested')) break;
      await setTimeout(LOOK_EVERY_MS);
    }
    return health.snapshot().map((figures) => reportOf(figures, lists.announced));
  } finally {
    release();
    lists.health.close();
  }
}
