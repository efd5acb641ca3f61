/** Owns the entries of `inline:{key=value, {key = value, with blanks}}` (dict_inline.c). */

import { bytesOf, isBlank, shown, skipBlanks, trimBlanks } from './bytes.ts';
import type { Part } from './braces.ts';
import { endOfKey, type KeyReader } from './keys.ts';
import type { Problems } from './problems.ts';

const EQUALS = 0x3d;

/** `line` of an entry is its number: the table is one line. */
export function readInline<R>(parts: readonly Part[], reader: KeyReader<R>, problems: Problems): void {
  for (const [i, part] of parts.entries()) {
    const line = i + 1;
    const text = trimBlanks(bytesOf(part.text));
    const end = endOfKey(text, EQUALS);
    const at = end < 0 ? -1 : skipBlanks(text, end);
    if (at < 0 || text.charCodeAt(at) !== EQUALS) {
      problems.error(line, `"${shown(text)}" is no key=value`, advice(text, part.braced));
      continue;
    }
    reader.put(text.slice(0, end), trimBlanks(text.slice(at + 1)), line);
  }
}

function advice(text: string, braced: boolean): string {
  const spaced = !braced && text.length > 0 && !isBlank(text.charCodeAt(0)) && !text.includes('=');
  return spaced
    ? 'write {key = value} in braces of its own where there are blanks or commas'
    : 'write key=value';
}
