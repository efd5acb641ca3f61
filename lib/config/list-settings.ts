/** Owns the section `lists:`: where the keys of DNS lists are kept, what they are called, which data is used. */

import { isMap } from 'yaml';
import { posix } from 'node:path';
import { isHostname } from '../mail/domain.ts';
import { looksLikeKey, withoutKeys } from '../mail/secret-zone.ts';
import { Place } from '../yaml/place.ts';
import { shown } from '../yaml/problem.ts';
import { scalarText } from '../yaml/source.ts';
import { field, type Entries, type Section } from '../yaml/section.ts';
import { single, textual, type JsonSchema, type Reader } from '../yaml/value.ts';

/** Where a secret is: it never stands in the configuration itself. */
export type KeySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly variable: string };

export interface ListSettings {
  /** By the name, in lower case, that stands for it in a zone: `${name}.zen.dq.spamhaus.net`. */
  readonly keys: ReadonlyMap<string, KeySource>;
  /** What a zone is called in replies and logs. Zones in lower case. */
  readonly aliases: ReadonlyMap<string, string>;
  /** A newer file of known lists; null: the one that came with Postern. */
  readonly dataFile: string | null;
}

/** A mapping whose keys are the administrator's own; `each` returns null after an error. */
function mappingOf<T>(
  value: JsonSchema,
  example: string,
  each: (
    key: string,
    text: string,
    at: { readonly key: Place; readonly value: Place },
  ) => readonly [string, T] | null,
): Reader<ReadonlyMap<string, T>> {
  return {
    schema: { type: 'object', additionalProperties: value },
    mayBeEmpty: true,
    read(place) {
      const found = new Map<string, T>();
      if (place.empty) return found;
      if (!isMap(place.node))
        return place.error('this is not a list of keys with values', `write { ${example} }`);
      for (const { key, value } of place.node.items) {
        const at = { key: place.item(key), value: place.item(value) };
        const name = scalarText(at.key.node);
        const text = at.value.empty || name === null ? '' : single(at.value, example);
        const read = text === null ? null : each(name ?? '', text, at);
        if (read === null) continue;
        if (found.has(read[0])) at.key.error(`"${shown(read[0])}" is there twice`, 'keep one of the two');
        found.set(...read);
      }
      return found;
    },
  };
}

const keyFiles = mappingOf<KeySource>(
  { type: 'string' },
  'spamhaus: /etc/postern/spamhaus.key',
  (name, text, at) => {
    if (looksLikeKey(name))
      return at.key.error(
        'what should name a key looks like the key itself',
        'write a word such as spamhaus',
      );
    if (!/^[a-z_][\w-]*$/i.test(name))
      return at.key.error(`"${shown(name)}" can't name a key`, 'write a word such as spamhaus');
    const [, variable] = /^\$\{(\w+)\}$/.exec(text) ?? [];
    if (variable !== undefined && !looksLikeKey(variable))
      return [name.toLowerCase(), { kind: 'environment', variable }];
    const path = absolute(text);
    if (path !== null && !looksLikeKey(posix.basename(path)))
      return [name.toLowerCase(), { kind: 'file', path }];
    // Who wrote the key itself must not read it again in a log.
    return at.value.error(
      'a key is in a file or in the environment',
      `write /etc/postern/${name}.key, or "\${${name.toUpperCase().replaceAll('-', '_')}_KEY}"`,
    );
  },
);

const aliases = mappingOf<string>({ type: 'string' }, 'lists.example.org: our-list', (zone, text, at) => {
  const lower = zone.toLowerCase();
  if (!isHostname(lower.replace(/^\$\{[\w-]+\}\./, '')))
    return at.key.error('this is not the zone of a list', 'write one such as zen.spamhaus.org');
  if (looksLikeKey(text) || withoutKeys(text) !== text)
    return at.value.error('what should be shown has a key in it', 'write a word such as zen.spamhaus.org');
  if (/^[\w.-]{1,100}$/.test(text)) return [lower, text];
  return at.value.error(`"${shown(text)}" is not a name to show`, 'write a word such as zen.spamhaus.org');
});

const dataFile = textual<string | null>({ type: 'string' }, 'bundled', (text, place) => {
  if (text === 'bundled') return null;
  return (
    absolute(text) ??
    place.error(
      `"${shown(text)}" is neither bundled nor a whole path`,
      'write bundled, or /etc/postern/lists.json',
    )
  );
});

export const listSettings = {
  later: [],
  belongs: () => null,
  fields: {
    key_files: field(keyFiles, new Map()),
    aliases: field(aliases, new Map()),
    data: field(dataFile, null),
  },
} satisfies Section;

export function listSettingsOf({
  key_files,
  aliases,
  data,
}: Entries<typeof listSettings.fields>): ListSettings {
  return { keys: key_files.value, aliases: aliases.value, dataFile: data.value };
}

function absolute(path: string): string | null {
  return posix.isAbsolute(path) && !/\p{Cc}/u.test(path) && !path.endsWith('/') ? path : null;
}
