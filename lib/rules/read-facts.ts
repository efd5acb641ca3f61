/** Owns the reading of a `when:`: facts that must all hold, lists of alternatives, `not:`. */

import { isMap, isSeq } from 'yaml';
import { LISTS_THAT_WE_KNOW } from '../lists/known-lists.ts';
import { adviceOnFact } from './list-advice.ts';
import { join, none, type FactTest } from './fact-test.ts';
import { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { scalarText } from '../yaml/source.ts';
import { nearest } from '../yaml/spelling.ts';
import { itemsOf, single, type JsonSchema, type Reader } from '../yaml/value.ts';
import { plainTest, type Plain } from './fact-values.ts';
import { nameTable } from './named-tables.ts';
import { oddName } from './never-matches.ts';
import { FACTS } from './when-facts.ts';

/** Shorter ones are top-level domains. */
const SHORTEST_SLIP = 4;

const FACT_NAMES = Object.keys(FACTS);

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
  if (parts.length === 0)
    return place.error('not: has no facts', 'write not: { client: example.net }, or the like');
  const tests = parts.map((part) => readFacts(part, depth + 1));
  return place.sound ? none(tests.filter((test) => test !== null)) : null;
}

function readFact(name: string, at: Place, place: Place, shortest = SHORTEST_SLIP): FactTest | null {
  const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  if (fact === undefined) {
    if (['then', 'reply', 'at', 'name'].includes(name))
      return at.error(`${name}: stands beside when:, not below it`, 'move it left, to the column of when:');
    const near = nearest(name, [...FACT_NAMES, 'not']);
    const cure = near === null ? `the facts are ${FACT_NAMES.join(', ')}, and not:` : `did you mean ${near}?`;
    return at.error(`"${shown(name)}" is no fact of a session`, cure);
  }
  const tests: FactTest[] = [];
  const plain: Plain[] = [];
  for (const item of itemsOf(place)) {
    const text = item.empty
      ? item.error(`${name} has no value`, `write ${name}: ${fact.example}`)
      : single(item, fact.example);
    if (text === null) continue;
    const word = text.toLowerCase();
    const value = Object.hasOwn(fact.words, word) ? fact.words[word]! : fact.value(text);
    if ('condition' in value) {
      tests.push(value);
      for (const table of value.tables) nameTable(table, item);
      adviseOnLists(value, item);
    } else if ('key' in value || 'network' in value) {
      const odd =
        fact.named === undefined ? null : oddName(fact.named, text, Object.keys(fact.words), shortest);
      if (odd !== null) item.warning(...odd);
      plain.push(value);
    } else item.error(...value);
  }
  if (isSeq(place.node) && place.node.items.length === 0)
    place.error(`${name} has no value`, `write ${name}: ${fact.example}`);
  if (fact.named !== undefined && plain.length > 0) tests.push(plainTest(fact.named, plain));
  return place.sound ? join('any', tests) : null;
}

function adviseOnLists({ lists }: FactTest, item: Place): void {
  const known = item.source.premise(LISTS_THAT_WE_KNOW);
  for (const { does, site } of lists)
    for (const { what, instead } of adviceOnFact(does, site, known)) item.warning(what, instead);
}

/** The values of one fact, for a key that asks nothing else. */
export function factReader(name: string): Reader<FactTest> {
  return {
    schema: { anyOf: [one, { type: 'array', items: one }] },
    // Nobody spares all of a top-level domain.
    read: (place) => readFact(name, place, place, 1),
  };
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
