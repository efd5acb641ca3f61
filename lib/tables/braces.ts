/** Owns `{…}` in a table's name: text that commas and blanks do not split (mystrtokq(), extpar() of Postfix). */

import { isBlank, shownText } from './bytes.ts';

export interface Part {
  readonly text: string;
  /** It stood in braces, which are gone. */
  readonly braced: boolean;
}

/** The text between a `{` at the beginning and its `}` at the end; null if they are not there. */
export function withoutBraces(text: string): string | null {
  if (!text.startsWith('{')) return null;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at === text.length - 1 ? text.slice(1, at) : null;
  }
  return null;
}

/** `a=b, {c=d e}` → `a=b` and, braced, `c=d e`; a string says what is wrong. */
export function splitBraced(text: string): readonly Part[] | string {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSeparator(text, at)) at++;
    if (at >= text.length) return parts;
    const start = at;
    let depth = 0;
    for (; at < text.length && (depth > 0 || !isSeparator(text, at)); at++) {
      if (text[at] === '{') depth++;
      else if (text[at] === '}' && depth > 0) depth--;
    }
    const word = text.slice(start, at);
    const inner = word.startsWith('{') ? withoutBraces(word) : word;
    if (inner === null) return `"${shownText(word)}" has a { without its }, or something after it`;
    parts.push({ text: inner, braced: word.startsWith('{') });
  }
}

function isSeparator(text: string, at: number): boolean {
  return text[at] === ',' || isBlank(text.charCodeAt(at));
}
