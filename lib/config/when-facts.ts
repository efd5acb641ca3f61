/** Owns the catalogue of facts that a `when:` can ask, and the words that each can be. */

import { isMap, isSeq } from 'yaml';
import { asking, join, known, none, type FactTest } from './fact-test.ts';
import { parseComparison, valueTest, yesNo, type Named } from './fact-values.ts';
import { parseHours } from './hours.ts';
import { Place } from './place.ts';
import { shown } from './problem.ts';
import { scalarText } from './source.ts';
import { nearest } from './spelling.ts';
import { itemsOf, single, type JsonSchema } from './value.ts';

interface Fact {
  /** Words with a meaning of their own. */
  readonly words: Readonly<Record<string, FactTest>>;
  /** Every other value; null: there is none. A pair says what is wrong with it. */
  readonly value: ((text: string) => FactTest | readonly [what: string, instead: string]) | null;
  readonly example: string;
}

const YES_NO = (yes: FactTest): Readonly<Record<string, FactTest>> => ({ true: yes, false: none([yes]) });

const authenticated = known('mail', 'sasl_authenticated', 'yes');
const encrypted = asking('helo', 'tls', () => yesNo('tls', 'helo', ({ tls }) => tls !== null));
const noReverse = asking('connect', 'ptr none', () =>
  yesNo('ptr none', 'connect', ({ client }) => client.ptr === null),
);
const verified = known('helo', 'verified_certificate', 'yes');

const FACTS: Readonly<Record<string, Fact>> = {
  client: {
    words: {
      mynetworks: known('connect', 'mynetworks', 'yes'),
      unknown: asking('connect', 'client unknown', () =>
        yesNo('client unknown', 'connect', ({ client }) => client.name === null),
      ),
    },
    value: named('client'),
    example: '[192.0.2.0/24, example.net, cidr:/etc/postern/clients]',
  },
  ptr: {
    words: {
      none: noReverse,
      // What the MTA could not look up is not known to be unconfirmed.
      unconfirmed: asking('connect', 'ptr unconfirmed', () =>
        yesNo(
          'ptr unconfirmed',
          'connect',
          ({ client: { ptr, name, resolve } }) => ptr !== null && name === null && resolve !== 'temp',
        ),
      ),
      generic: known('connect', 'generic_reverse_client_hostname', 'pool', 'address'),
    },
    value: named('ptr'),
    example: '[none, generic, dyn.example.net]',
  },
  helo: {
    words: {
      none: known('helo', 'missing_helo', 'yes'),
      invalid: known('helo', 'invalid_helo_hostname', 'invalid_name', 'invalid_address'),
      non_fqdn: known('helo', 'non_fqdn_helo_hostname', 'not_fqdn'),
      unknown: known('helo', 'unknown_helo_hostname', 'not_found', 'malformed'),
      own: known('helo', 'own_helo_hostname', 'own_name', 'own_address'),
    },
    value: named('helo'),
    example: '[non_fqdn, own, /^ylmf-pc$/]',
  },
  sender: {
    words: {
      '<>': asking('mail', 'sender <>', () => yesNo('sender <>', 'mail', ({ sender }) => sender === null)),
      non_fqdn: known('mail', 'non_fqdn_sender', 'not_fqdn'),
      unknown_domain: known('mail', 'unknown_sender_domain', 'not_found', 'null_mx', 'malformed'),
    },
    value: named('sender'),
    example: '[<>, news@, example.org]',
  },
  recipient: {
    words: { spared: known('rcpt', 'spared_recipient', 'yes') },
    value: named('recipient'),
    example: '[alice@example.org, sales@]',
  },
  auth: {
    words: YES_NO(authenticated),
    value: (login) =>
      asking('mail', `auth ${login}`, () => yesNo(`auth ${login}`, 'mail', ({ auth }) => auth === login)),
    example: 'true',
  },
  tls: {
    words: { ...YES_NO(encrypted), verified },
    value: (version) =>
      /^(?:TLS|SSL)v[\d.]+$/i.test(version)
        ? asking('helo', `tls ${version}`, () =>
            yesNo(
              `tls ${version}`,
              'helo',
              ({ tls }) => tls?.version.toLowerCase() === version.toLowerCase(),
            ),
          )
        : [`"${shown(version)}" is nothing that TLS can be`, 'write true, false, verified or TLSv1.3'],
    example: 'true',
  },
  daemon: {
    words: {},
    value: (name) =>
      asking('connect', `daemon ${name}`, () =>
        yesNo(`daemon ${name}`, 'connect', ({ client }) => client.daemon === name),
      ),
    example: 'smtpd',
  },
  recipients: {
    words: {},
    value(text) {
      const compare = parseComparison(text);
      return compare === null
        ? [`"${shown(text)}" is not a number to compare with`, 'write ">20", "<=5" or "2..5", in quotes']
        : asking('rcpt', `recipients ${text}`, () =>
            yesNo(`recipients ${text}`, 'rcpt', ({ recipients }) => compare(recipients)),
          );
    },
    example: '">20"',
  },
  size: {
    words: {},
    value(text) {
      const compare = parseComparison(text);
      return compare === null
        ? [`"${shown(text)}" is not a size to compare with`, 'write ">10M", in quotes']
        : asking('mail', `size ${text}`, () =>
            yesNo(`size ${text}`, 'mail', ({ size }) => size !== null && compare(size)),
          );
    },
    example: '">10M"',
  },
  time: {
    words: {},
    value(text) {
      const within = parseHours(text);
      return within === null
        ? [`"${shown(text)}" is not a time of day or week`, 'write "22:00-06:00" or "Mon-Fri 08:00-18:00"']
        : asking('connect', `time ${text}`, ({ now }) =>
            yesNo(`time ${text}`, 'connect', () => within(now())),
          );
    },
    example: '"22:00-06:00"',
  },
  spf: laterFact('spf', 'pass'),
  dnsbl: laterFact('dnsbl', 'zen.spamhaus.org'),
  dnswl: laterFact('dnswl', 'list.dnswl.org'),
  score: laterFact('score', '">=3"'),
};

function named(fact: Named): Fact['value'] {
  return (text) => valueTest(fact, text);
}

/** Of checks that a later version brings: nobody can tell, so no rule holds by it. */
function laterFact(name: string, example: string): Fact {
  return {
    words: {},
    value: () => ({ ...known('rcpt', 'not_active'), later: [name] }),
    example,
  };
}

export const FACT_NAMES = Object.keys(FACTS);

/** All facts that are written must hold; null after an error. `depth`: of `not:` in `not:`. */
export function readFacts(place: Place, depth = 0): FactTest | null {
  if (!isMap(place.node))
    return place.error('this is no mapping of facts', 'write { ptr: generic }, or the like');
  const tests: FactTest[] = [];
  const seen = new Set<string>();
  for (const { key, value } of place.node.items) {
    const at = place.item(key);
    const name = scalarText(at.node) ?? '';
    if (seen.has(name))
      at.error(`${shown(name)} is there twice`, 'make a list of its values: they are alternatives');
    seen.add(name);
    const test =
      name === 'not'
        ? readNot(place.item(value), depth)
        : readFact(name, at, value === null ? at : place.item(value));
    if (test !== null) tests.push(test);
  }
  if (place.node.items.length === 0) place.error('there is no fact', 'write one, such as ptr: generic');
  return place.sound ? join('all', tests) : null;
}

/** A mapping: not all of it together; a list of mappings: none of them. */
function readNot(place: Place, depth: number): FactTest | null {
  if (depth >= 8) return place.error('not: within not: within not: …', 'write it more simply');
  const parts = isSeq(place.node) ? itemsOf(place) : [place];
  const tests = parts.map((part) => readFacts(part, depth + 1));
  return place.sound ? none(tests.filter((test) => test !== null)) : null;
}

function readFact(name: string, at: Place, place: Place): FactTest | null {
  const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  if (fact === undefined) {
    const near = nearest(name, [...FACT_NAMES, 'not']);
    const cure = near === null ? `the facts are ${FACT_NAMES.join(', ')}, and not:` : `did you mean ${near}?`;
    return at.error(`"${shown(name)}" is no fact of a session`, cure);
  }
  const tests: FactTest[] = [];
  for (const item of itemsOf(place)) {
    const text = item.empty
      ? item.error(`${name} has no value`, `write ${name}: ${fact.example}`)
      : single(item, fact.example);
    if (text === null) continue;
    const test = testOf(fact, text);
    if ('condition' in test) tests.push(test);
    else item.error(...test);
  }
  if (isSeq(place.node) && place.node.items.length === 0)
    place.error(`${name} has no value`, `write ${name}: ${fact.example}`);
  return place.sound ? join('any', tests) : null;
}

function testOf(fact: Fact, text: string): FactTest | readonly [string, string] {
  const lower = text.toLowerCase();
  if (Object.hasOwn(fact.words, lower)) return fact.words[lower]!;
  if (fact.value !== null) return fact.value(text);
  return [`"${shown(text)}" is not known here`, `write ${Object.keys(fact.words).join(', ')}`];
}

const one: JsonSchema = { type: ['string', 'number', 'boolean'] };

export const factsSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(FACT_NAMES.map((name) => [name, { anyOf: [one, { type: 'array', items: one }] }])),
    not: {},
  },
};
