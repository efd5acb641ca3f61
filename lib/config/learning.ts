/** Owns what a config says of learning: from whom, and about whom nothing good is to be learnt. */

import { listSays } from '../rules/list-says.ts';
import { listUsesOf } from '../rules/rule-lists.ts';
import type { Findings } from '../policy/rule.ts';
import type { Config } from './config.ts';

/** Whether some list that refuses has the client, as far as the rules have asked. */
export function listedIn({ policy, knownLists }: Config): (known: Findings) => boolean {
  const uses = listUsesOf(policy).filter(({ subject, does }) => subject === 'client' && does === 'refuse');
  return (known) => uses.some((use) => listSays(use, knownLists, known, false).state === 'listed');
}
