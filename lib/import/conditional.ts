/** Owns the parts of `${name?{a}:{b}}` and `${{a} == {b}?{c}:{d}}`: clauses and comparisons (mac_expand.c). */

import { closingOf } from './marked-text.ts';

export const OPERATOR = /^(?:==|!=|<=|>=|<|>)/;

/** A `{clause}`, or else all the rest; and where what comes behind it begins, past blanks. */
export function clause(text: string, from: number): [part: [number, number], after: number] {
  let start = from;
  while (/\s/.test(text[start] ?? '')) start++;
  const close = text[start] === '{' ? closingOf(text).get(start) : undefined;
  if (close === undefined) return [[from, text.length], text.length];
  let after = close + 1;
  while (/\s/.test(text[after] ?? '')) after++;
  return [[start + 1, close], after];
}

/** Numbers as numbers, everything else by its letters (mac_expand.c). */
export function holds(left: string, operator: string, right: string): boolean {
  const numeric = /^\d+$/.test(left) && /^\d+$/.test(right);
  const order = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}
