/** Owns the lists of `greylist:` that spare the delay: `skip_clients`, `skip_senders`, `skip_recipients`. */

import { isSeq } from 'yaml';
import type { Rule } from '../policy/rule.ts';
import type { Reader } from '../yaml/value.ts';
import { join, type FactTest } from './fact-test.ts';
import type { ListContext } from './list-says.ts';
import { factReader } from './read-facts.ts';
import { FACTS } from './when-facts.ts';

export interface SkipList {
  /** The key of the config. */
  readonly word: string;
  readonly test: FactTest;
}

/** As the values of the fact of that name in a `when:`. */
export const skipClients = skipping('client');
export const skipRecipients = skipping('recipient');
/** Anybody can say that he is the sender: only who passes SPF is. */
export const skipSenders = skipping('sender', (test) => join('all', [test, FACTS['spf']!.words['pass']!]));

function skipping(
  fact: 'client' | 'sender' | 'recipient',
  narrowed: (test: FactTest) => FactTest = (test) => test,
): Reader<readonly FactTest[]> {
  const reader = factReader(fact);
  return {
    schema: reader.schema,
    read(place) {
      if (isSeq(place.node) && place.node.items.length === 0) return [];
      const test = reader.read(place);
      return test === null ? null : [narrowed(test)];
    },
  };
}

export function skipRule({ word, test }: SkipList, lists: ListContext): Rule {
  return {
    word,
    when: test.condition(lists),
    may: [],
    outcome: () => ({ effect: { action: 'skip_greylist' }, reason: word }),
  };
}
