/** Owns the shape of a rule that permits. */

import type { Condition, Rule } from '../policy/rule.ts';
import type { Ruling } from '../policy/verdict.ts';

export function permitting(word: string, when: Condition, reason: string): Rule {
  const ruling: Ruling = { effect: { action: 'permit' }, reason };
  return { word, when, may: ['permit'], outcome: () => ruling };
}
