/** Owns the lines of a YAML file in which its keys stand, for who tells an administrator what to write where. */

import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';

/** Where a key stands; `value`: a list of keys in lines of their own, in braces, or something else. */
export interface KeyLine {
  /** From 1. */
  readonly line: number;
  readonly value: 'lines' | 'braces' | 'other';
}

/** Null: `path` (`['dns', 'servers']`) is not in `text`. Of broken text, what can be told. */
export function keyLine(text: string, path: readonly string[]): KeyLine | null {
  const lines = new LineCounter();
  let value: unknown = parseDocument(text, { lineCounter: lines }).contents;
  let found: KeyLine | null = null;
  for (const key of path) {
    const pair = isMap(value)
      ? value.items.find((each) => isScalar(each.key) && each.key.value === key)
      : undefined;
    if (pair === undefined || !isScalar(pair.key)) return null;
    ({ value } = pair);
    const { line } = lines.linePos(pair.key.range?.[0] ?? 0);
    found = { line, value: isMap(value) ? (value.flow === true ? 'braces' : 'lines') : 'other' };
  }
  return found;
}
