/** Owns Reader: how one kind of value is read from the file, and the readers that many keys share. */

import { isMap, isSeq } from 'yaml';
import { durationAdvice, parseDuration } from './duration.ts';
import type { Place } from './place.ts';
import { shown } from './problem.ts';
import { meantAsValue } from './slips.ts';
import { nearest } from './spelling.ts';

/** JSON Schema 2020-12, for editors: what it can't say (combinations, networks) only the reader judges. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Reader<T> {
  readonly schema: JsonSchema;
  /** True: an empty key or `null` is given to `read` as well, and is not an error. */
  readonly mayBeEmpty?: true;
  /** What is wrong is told to the place, which is then no longer `sound`, and the value means nothing. */
  read(place: Place): T | null;
}

/** The text of a single value; null, after an error, for a list or a mapping. `example` is shown as the way to write it. */
export function single(place: Place, example: string): string | null {
  const { text } = place;
  if (text === null) {
    const meant = meantAsValue(place.source.text, place.offset);
    if (meant !== null) return place.error(...meant);
    const kind = isMap(place.node) ? 'a mapping' : 'a list';
    return place.error(`${kind} can't stand here`, `write one value, such as ${example}`);
  }
  const garbled = text.indexOf('\ufffd');
  if (garbled >= 0) return place.error('the value is not UTF-8', 'save the file as UTF-8', garbled);
  return text;
}

/** A value read from its text by `parse`, which reports what is wrong and then returns null. */
export function textual<T>(
  schema: JsonSchema,
  example: string,
  parse: (text: string, place: Place) => T | null,
): Reader<T> {
  return {
    schema,
    read(place) {
      const text = single(place, example);
      return text === null ? null : parse(text, place);
    },
  };
}

/** One word of a few; `synonyms` are other programs' words for them, understood without a remark. */
export function choice<const T extends string>(
  words: readonly T[],
  synonyms: Readonly<Record<string, T>> = {},
): Reader<T> {
  return textual({ type: 'string', enum: words }, words[0]!, (text, place) => {
    const word = words.find((word) => word === text);
    if (word !== undefined) return word;
    if (Object.hasOwn(synonyms, text)) return synonyms[text]!;
    const near = nearest(text, words);
    return place.error(
      `"${shown(text)}" is not one of ${words.join(', ')}`,
      near === null ? `write one of them` : `did you mean ${near}?`,
    );
  });
}

/** `true` or `false`. YAML 1.2 reads `yes` and `on` as plain words. */
export const flag: Reader<boolean> = textual({ type: 'boolean' }, 'true', (text, place) => {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  const meant = /^(yes|on|y|1)$/i.test(text) ? 'true' : /^(no|off|n|0)$/i.test(text) ? 'false' : null;
  return place.error(`"${shown(text)}" is neither true nor false`, `write ${meant ?? 'true or false'}`);
});

/** In milliseconds. */
export const duration: Reader<number> = textual(
  { type: ['string', 'integer'], pattern: '^(0|[0-9]+[smhdw])$', maximum: 0 },
  '5m',
  (text, place) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== null) return milliseconds;
    const { what, instead } = durationAdvice(shown(text));
    return place.error(what, instead);
  },
);

/** A whole number; `instead`: what to write in place of anything else. */
export function count(least: number, most: number, instead: string): Reader<number> {
  return textual({ type: 'integer', minimum: least, maximum: most }, String(most), (text, place) =>
    /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? Number(text)
      : place.error(`"${shown(text)}" is not a number from ${least} to ${most}`, instead),
  );
}

/** A prefix length in bits; both a plain and a quoted number will do. */
export function prefix(longest: number): Reader<number> {
  return textual({ type: 'integer', minimum: 1, maximum: longest }, String(longest), (text, place) => {
    const [, digits] = /^\/?(\d{1,3})$/.exec(text) ?? [];
    const bits = Number(digits);
    if (digits === text && bits >= 1 && bits <= longest) return bits;
    const near = bits >= 1 && bits <= longest ? `write ${bits}` : `write a number from 1 to ${longest}`;
    return place.error(`"${shown(text)}" is not a prefix length`, near);
  });
}

/** An empty value or `null` is null, as if the key were not there. */
export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return {
    schema: { anyOf: [reader.schema, { type: 'null' }] },
    mayBeEmpty: true,
    read: (place) => (place.empty ? null : reader.read(place)),
  };
}

/** The values of a key that takes one or a list of them. */
export function itemsOf(place: Place): readonly Place[] {
  return isSeq(place.node) ? place.node.items.map((item) => place.item(item)) : [place];
}

/** One value, or a list of them. */
export function several<T>(reader: Reader<T>): Reader<readonly T[]> {
  return {
    schema: { anyOf: [reader.schema, { type: 'array', items: reader.schema }] },
    read(place) {
      const read = itemsOf(place).flatMap((at) => reader.read(at) ?? []);
      return place.sound ? read : null;
    },
  };
}

/** One value, or a list of them; `each` may yield several for one value. */
export function list<T>(
  schema: JsonSchema,
  example: string,
  each: (text: string, place: Place) => readonly T[] | null,
): Reader<readonly T[]> {
  return {
    schema: { anyOf: [schema, { type: 'array', items: schema }] },
    read(place) {
      const read: T[] = [];
      for (const at of itemsOf(place)) {
        const text = at.empty
          ? at.error('an empty item', `write one such as ${example}`)
          : single(at, example);
        if (text !== null) read.push(...(each(text, at) ?? []));
      }
      return place.sound ? read : null;
    },
  };
}
