/** Owns the right-hand sides of a table's text, as far as an import has to know them; what is wrong in it is for `postern check`. */

import type { TableKind } from '../tables/table-name.ts';

/** Each entry's result. Never throws. */
export function readTableLines(text: string, kind: TableKind): string[] {
  return entriesOf(text).flatMap((entry) => {
    if (/^(?:if|endif)\b/i.test(entry) && kind !== 'keys') return [];
    const result =
      kind === 'regexp' || kind === 'pcre' ? behindPattern(entry) : /^\S+\s+(.*)$/s.exec(entry)?.[1];
    return result === undefined ? [] : [result.trim()];
  });
}

/** `key  value` of a text table. */
export function readKeys(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of entriesOf(text)) {
    const [, key, value] = /^(\S+)\s+(.*)$/s.exec(entry) ?? [];
    if (key !== undefined && value !== undefined) found.set(key.toLowerCase(), value.trim());
  }
  return found;
}

function entriesOf(text: string): string[] {
  const entries: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (/^\s/.test(line) && entries.length > 0) entries[entries.length - 1] += ` ${line.trim()}`;
    else entries.push(line.trim());
  }
  return entries;
}

/** `/pattern/flags result`, with whatever delimiter and `\` before it where it is meant. */
function behindPattern(entry: string): string | undefined {
  const at = entry.startsWith('!') ? 1 : 0;
  const delimiter = entry[at]!;
  let end = at + 1;
  while (end < entry.length && entry[end] !== delimiter) end += entry[end] === '\\' ? 2 : 1;
  return /^\S*\s+(.*)$/s.exec(entry.slice(end + 1))?.[1];
}
