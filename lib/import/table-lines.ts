/** Owns the entries of a text table, as far as an import has to know them; what is wrong in it is for `postern check`. */

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
