/** Owns what the lines of `cidr:`, `regexp:` and `pcre:` tables have in common: `if`, `endif`, `!`. */

import { isBlank } from './bytes.ts';

/** `IF /x/` → `if`; `iffy` is none: no letter or digit may follow. */
export function keywordOf(text: string): 'if' | 'endif' | null {
  const word = /^(if|endif)(?![0-9a-z])/i.exec(text)?.[1];
  return word === undefined ? null : word.length === 2 ? 'if' : 'endif';
}

/** Postfix takes any number of `!` with blanks between them; two of them are none. */
export function negation(text: string, from: number): { readonly negated: boolean; readonly at: number } {
  let negated = false;
  let at = from;
  for (; at < text.length; at++) {
    if (text[at] === '!') negated = !negated;
    else if (!isBlank(text.charCodeAt(at))) break;
  }
  return { negated, at };
}

export function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlank(text.charCodeAt(at))) at++;
  return at;
}
