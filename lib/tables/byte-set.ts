/** Owns sets of bytes: what a bracket expression, a class or a single character of a pattern stands for. */

import type { ByteSet } from './pattern-tree.ts';

export const EVERY_BYTE: ByteSet = [[0, 255]];
export const NOT_NEWLINE: ByteSet = [
  [0, 9],
  [11, 255],
];

/** POSIX classes in the C locale, and Perl's `word`; each as ranges written one after the other. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'AZaz',
  digit: '09',
  alnum: '09AZaz',
  upper: 'AZ',
  lower: 'az',
  space: '\t\r  ',
  blank: '\t\t  ',
  punct: '!/:@[`{~',
  print: ' ~',
  graph: '!~',
  cntrl: '\0\x1f\x7f\x7f',
  xdigit: '09AFaf',
  word: '09AZ__az',
  ascii: '\0\x7f',
  horizontal: '\t\t  \xa0\xa0',
  vertical: '\n\r\x85\x85',
};

/** Null: there is no class of this name. */
export function classOf(name: string): ByteSet | null {
  const ends = Object.hasOwn(CLASSES, name) ? CLASSES[name]! : null;
  if (ends === null) return null;
  return Array.from(
    { length: ends.length / 2 },
    (_, i) => [ends.charCodeAt(2 * i), ends.charCodeAt(2 * i + 1)] as const,
  );
}

export function single(code: number): ByteSet {
  return [[code, code]];
}

/** Any ranges in any order → a set. */
export function union(ranges: ByteSet): ByteSet {
  const set: [number, number][] = [];
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = set.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else set.push([low, high]);
  }
  return set;
}

export function complement(set: ByteSet): ByteSet {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) rest.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= 255) rest.push([next, 255]);
  return rest;
}

/** With the other case of each ASCII letter: Postfix runs in the C locale. */
export function bothCases(set: ByteSet): ByteSet {
  const others = set.flatMap(([low, high]) => [
    ...shifted(low, high, 'A', 32),
    ...shifted(low, high, 'a', -32),
  ]);
  return others.length === 0 ? set : union([...set, ...others]);
}

function shifted(low: number, high: number, first: string, by: number): ByteSet {
  const from = Math.max(low, first.charCodeAt(0));
  const to = Math.min(high, first.charCodeAt(0) + 25);
  return from <= to ? [[from + by, to + by]] : [];
}
