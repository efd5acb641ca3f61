/** Owns the keys that name our own addresses: `local_domains` and `spare_recipients`. */

import { asciiDomain } from '../mail/domain.ts';
import { domainTables, nameDomainTable } from '../rules/named-tables.ts';
import { parseTableName, type TableName } from '../tables/table-name.ts';
import { shown } from '../yaml/problem.ts';
import { list, type Reader } from '../yaml/value.ts';

export interface LocalDomainNames {
  /** In lower case and ASCII; `.example.org` for what is below it. */
  readonly names: readonly string[];
  readonly tables: readonly TableName[];
}

const named = list<string>({ type: 'string' }, 'example.com', (text, place) => {
  const words = /^[a-z]+:/i.test(text) ? [text] : text.split(/[\s,]+/).filter((word) => word !== '');
  return words.flatMap((word) => {
    if (/^[a-z]+:/i.test(word)) {
      const parsed = parseTableName(word);
      if (parsed.ok) nameDomainTable(parsed.name, place);
      else place.error(parsed.what, parsed.instead);
      return [];
    }
    const ascii = asciiDomain(word.replace(/^\./, '').replace(/\.$/, ''));
    if (ascii !== null) return [word.startsWith('.') ? `.${ascii}` : ascii];
    place.error(
      `"${shown(word)}" is not a domain`,
      word.includes('@')
        ? 'write the part behind the @'
        : 'write one such as example.com, or hash:/etc/postfix/relay_domains',
    );
    return [];
  });
});

export const localDomainNames: Reader<LocalDomainNames> = {
  schema: named.schema,
  read(place) {
    const names = named.read(place);
    return names === null ? null : { names, tables: domainTables(place.source) };
  },
};

/** Local parts; `[]` spares nobody. */
export const localParts = list<string>({ type: 'string' }, 'postmaster', (text, place) => {
  if (/^[^\s@,<>"]+$/.test(text)) return [text.toLowerCase()];
  const local = text.split('@')[0];
  return place.error(
    `"${shown(text)}" is not the part of an address before its @`,
    text.includes('@') && local !== ''
      ? `write ${shown(local!)}; where it counts is said by local_domains`
      : 'write one such as postmaster',
  );
});
