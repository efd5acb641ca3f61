/** Owns laying some lines of configuration over a whole one: whose key stands in both, theirs counts. */

import { isMap, isScalar, parseDocument } from 'yaml';

export interface Overlaid {
  readonly text: string;
  /** Lines of `base`, which keep their numbers; those of `over` come behind. */
  readonly baseLines: number;
  /** Keys of `base` that do not count, for a note. */
  readonly replaced: readonly string[];
}

/** Null: `base` is none that lines can be put behind, such as one in braces. What is wrong in either stays as it is. */
export function overlay(base: string, over: string): Overlaid | null {
  // Else its last line and the first of the others would be one.
  const ended = base === '' || base.endsWith('\n') ? base : `${base}\n`;
  const root = parseDocument(ended, { prettyErrors: false, uniqueKeys: false }).contents;
  if (root !== null && (!isMap(root) || root.flow === true)) return null;
  const replacing = keysOf(over);
  const replaced: string[] = [];
  let text = ended;
  const pairs = root?.items ?? [];
  for (const [i, { key }] of pairs.entries()) {
    if (!isScalar(key) || !replacing.has(String(key.value))) continue;
    replaced.push(String(key.value));
    const next = pairs[i + 1]?.key;
    const from = key.range[0];
    const to = isScalar(next) ? next.range[0] : ended.length;
    // Blank, but as many lines: problems and rules are named by them.
    text = text.slice(0, from) + ended.slice(from, to).replace(/[^\n]/g, ' ') + text.slice(to);
  }
  return { text: text + over, baseLines: ended.split('\n').length - 1, replaced };
}

function keysOf(text: string): Set<string> {
  const root = parseDocument(text, { prettyErrors: false, uniqueKeys: false }).contents;
  return new Set(isMap(root) ? root.items.map(({ key }) => (isScalar(key) ? String(key.value) : '')) : []);
}
