/** Owns Section: a mapping of known keys, each with its reader and default, and the answers to every other key. */

import { isCollection, isMap } from 'yaml';
import { Place } from './place.ts';
import { shown } from './problem.ts';
import type { JsonSchema, Reader } from './value.ts';
import { scalarText } from './source.ts';
import { nearest } from './spelling.ts';

export interface Field<T> {
  readonly reader: Reader<T>;
  /** What an absent key means. */
  readonly initially: T;
}

export function field<const T>(reader: Reader<T>, initially: NoInfer<T>): Field<T> {
  return { reader, initially };
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

export interface Section<F extends Fields = Fields> {
  readonly fields: F;
  /** Keys of the contract that a later version brings. */
  readonly later: readonly string[];
  /** Where a key belongs that was written in the wrong section: `indent it below greylist:`; null: nowhere. */
  readonly belongs: (key: string) => string | null;
}

/** `value` is the default where the key is absent or wrong; then `place` is the section's or the wrong value's. */
export interface Entry<T> {
  readonly value: T;
  readonly place: Place;
  readonly written: boolean;
}

export type Entries<F extends Fields> = { readonly [K in keyof F]: Entry<F[K]['initially']> };

/** Reads what the section holds, and reports everything in it that is wrong. Null and an empty value are an empty section. */
export function readSection<F extends Fields>(place: Place, section: Section<F>): Entries<F> {
  const entries = new Map<string, Entry<unknown>>();
  const firstLines = new Map<string, number>();
  const { source } = place;
  const inBraces = isMap(place.node) && place.node.flow === true;
  if (!isMap(place.node) && !place.empty) notAMapping(place, section);
  for (const { key, value } of isMap(place.node) ? place.node.items : []) {
    const at = new Place(source, place.name, key, place.offset);
    const name = scalarText(at.node);
    if (name === null) {
      at.error('a key must be a word', 'a value that begins with [ or { needs quotes');
      continue;
    }
    const full = place.name === '' ? name : `${place.name}.${name}`;
    const first = firstLines.get(name);
    if (first !== undefined)
      at.error(`"${shown(name)}" is already written in line ${first}`, 'keep one of the two lines');
    else firstLines.set(name, source.lineAt(at.offset));
    if (!Object.hasOwn(section.fields, name)) {
      unknownKey(at, name, value, section, inBraces);
      continue;
    }
    const entry = readField(new Place(source, full, value, at.offset), section.fields[name]!, inBraces);
    if (first === undefined) entries.set(name, entry);
  }
  const all = Object.entries(section.fields).map(([name, { initially }]) => {
    const absent = { value: initially, place: new Place(source, name, null, place.offset), written: false };
    return [name, entries.get(name) ?? absent];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is one entry for each key of F
  return Object.fromEntries(all) as Entries<F>;
}

/** `inBraces`: it stands in `{ … }`, where it has no line of its own. */
function readField(place: Place, { reader, initially }: Field<unknown>, inBraces: boolean): Entry<unknown> {
  if (place.empty && reader.mayBeEmpty !== true)
    place.error('there is no value', `write one, or remove the ${inBraces ? 'key' : 'line'} for the default`);
  else {
    const value = reader.read(place);
    if (place.sound) return { value, place, written: true };
  }
  return { value: initially, place, written: true };
}

function notAMapping(place: Place, { fields }: Section): void {
  const keys = Object.keys(fields);
  const missing = missingSpace(scalarText(place.node)?.split(' ')[0] ?? '', keys);
  if (missing !== null) place.error(...missing);
  else place.error('this is not a list of keys with values', `write lines such as "${keys[0]}: …"`);
}

/** `delay:60s` is one word to YAML. */
function missingSpace(word: string, keys: readonly string[]): [what: string, instead: string] | null {
  const [, key, value] = /^([\w-]+):(\S+)$/.exec(word) ?? [];
  if (key === undefined || value === undefined || !keys.includes(key)) return null;
  return [`a space is missing after "${key}:"`, `write ${key}: ${shown(value)}`];
}

function unknownKey(
  at: Place,
  name: string,
  value: unknown,
  { fields, later, belongs }: Section,
  inBraces: boolean,
): void {
  const written = `"${shown(name)}"`;
  const here = Object.keys(fields);
  const removal = removalOf(value, inBraces);
  if (later.includes(name)) at.error(`${written} is not in this version yet`, removal);
  else if (name === '<<') at.error("YAML's merge key is not read here", 'write the keys themselves');
  else {
    const advice = belongs(name);
    const missing = missingSpace(name, here);
    if (missing !== null) at.error(...missing);
    else if (advice !== null) at.error(`${written} does not belong here`, advice);
    else at.error(`unknown key ${written}`, suggestion(name, here, later, removal));
  }
}

function removalOf(value: unknown, inBraces: boolean): string {
  if (inBraces) return 'remove it';
  return isCollection(value) && value.flow !== true
    ? 'remove the line and what belongs to it'
    : 'remove the line';
}

function suggestion(
  name: string,
  here: readonly string[],
  later: readonly string[],
  removal: string,
): string {
  const near = nearest(name, [...here, ...later]);
  if (near === null) return `${removal}; the keys here are ${here.join(', ')}`;
  if (later.includes(near)) return `if "${near}" is meant, that is not in this version yet: ${removal}`;
  return `did you mean ${near}?`;
}

/** The section as JSON Schema. */
export function sectionSchema({ fields }: Section): JsonSchema {
  const properties = Object.entries(fields).map(([name, { reader }]) => [name, reader.schema]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}
