/** Owns the lists of `greylist:` that spare the delay: `skip_clients`, `skip_senders`, `skip_recipients`. */

import { isSeq } from 'yaml';
import type { Rule } from '../policy/rule.ts';
import { parseNetwork } from '../mail/network.ts';
import type { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { itemsOf, type Reader } from '../yaml/value.ts';
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
      for (const item of itemsOf(place)) adviseOn(fact, item);
      return test === null ? null : [narrowed(test)];
    },
  };
}

/** What may be written there, and spares everybody or nobody. */
function adviseOn(fact: keyof typeof DOUBTFUL, item: Place): void {
  const text = item.text?.toLowerCase() ?? '';
  const network = fact === 'client' ? parseNetwork(text) : null;
  if (network?.prefix === 0)
    item.warning(
      `"${shown(text)}" is everybody with ${network.address.family === 'ipv6' ? 'IPv6' : 'IPv4'}: nobody of them is greylisted`,
      'write the networks that you know, or take greylist out of the policy',
    );
  const doubtful = DOUBTFUL[fact][text];
  if (doubtful !== undefined) item.warning(...doubtful);
}

const NEVER_PASSES = 'nobody is spared by it: SPF lets no such sender pass';

const DOUBTFUL: Readonly<
  Record<
    'client' | 'sender' | 'recipient',
    Readonly<Record<string, readonly [what: string, instead: string]>>
  >
> = {
  client: {
    unknown: ['most bots have no confirmed name, and would not be greylisted', 'write networks or names'],
  },
  sender: {
    '<>': [
      '"<>" is anybody whose HELO has SPF, spammers too: none of them is greylisted',
      'write null_sender: skip if no bounce is to wait, or remove it',
    ],
    non_fqdn: [NEVER_PASSES, 'remove it'],
    unknown_domain: [NEVER_PASSES, 'remove it'],
  },
  recipient: {},
};

export function skipRule({ word, test }: SkipList, lists: ListContext): Rule {
  return {
    word,
    when: test.condition(lists),
    may: [],
    outcome: () => ({ effect: { action: 'skip_greylist' }, reason: word }),
  };
}
