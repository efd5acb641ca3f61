/** Owns the parts of `${name?{a}:{b}}` and `${{a} == {b}?{c}:{d}}`: clauses and comparisons (mac_expand.c). */

import { closingOf } from './marked-text.ts';

/** `<level` compares versions: 3.10 is more than 3.9. */
export const OPERATOR = /^(?:==|!=|<=|>=|<|>)(?:level\b)?/;

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
/** `3.6`, `2`: major, minor, patch. */
function levels(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => text.split('.').map((part) => Number(part) || 0));
  for (let i = 0; i < 3; i++) {
    const order = (a![i] ?? 0) - (b![i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

export function holds(left: string, operator: string, right: string): boolean {
  const numeric = /^\d+$/.test(left) && /^\d+$/.test(right);
  const order = operator.endsWith('level')
    ? levels(left.trim(), right.trim())
    : numeric
      ? Number(left) - Number(right)
      : left < right
        ? -1
        : left > right
          ? 1
          : 0;
  switch (operator.replace('level', '')) {
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
