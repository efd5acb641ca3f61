/** Owns the shape of a line of a `regexp:` or `pcre:` table: `/pattern/flags result`, `if /pattern/flags`, `endif`. */

import { shown, skipBlanks, trimBlanks } from './bytes.ts';
import { keywordOf, negation } from './rule-words.ts';

export type Dialect = 'regexp' | 'pcre';

export interface WrittenPattern {
  readonly negated: boolean;
  /** Between the delimiters, which may stand there after a backslash. */
  readonly source: string;
  readonly flags: string;
  /** Offset of `source` in the line. */
  readonly at: number;
  /** As it stands in the line, for people. */
  readonly shown: string;
}

export type PatternRule =
  | {
      readonly kind: 'rule';
      readonly pattern: WrittenPattern;
      /** `/pattern/!/but not this/ result`, of `regexp:` only. */
      readonly second: WrittenPattern | null;
      readonly result: string;
      readonly resultAt: number;
    }
  | { readonly kind: 'if'; readonly pattern: WrittenPattern; readonly rest: string }
  | { readonly kind: 'endif'; readonly rest: string }
  | { readonly kind: 'wrong'; readonly what: string; readonly instead: string | null };

export function readPatternRule(line: string, dialect: Dialect): PatternRule {
  const text = trimBlanks(line);
  const word = keywordOf(text);
  if (word === 'endif') return { kind: 'endif', rest: trimBlanks(text.slice(5)) };
  if (word === 'if') return condition(text, dialect);
  if (/^[0-9A-Za-z]/.test(text))
    return {
      kind: 'wrong',
      what: `"${shown(text)}" does not begin with a pattern`,
      instead: 'write: /pattern/ result',
    };
  const first = readPattern(text, 0, dialect);
  if (typeof first === 'string') return wrongPattern(first);
  const second =
    dialect === 'regexp' && text[first.end] === '!' ? readPattern(text, first.end, dialect) : null;
  if (typeof second === 'string') return wrongPattern(second);
  const resultAt = skipBlanks(text, (second ?? first).end);
  const result = text.slice(resultAt);
  return { kind: 'rule', pattern: first.pattern, second: second?.pattern ?? null, result, resultAt };
}

function condition(text: string, dialect: Dialect): PatternRule {
  const read = readPattern(text, 2, dialect);
  if (typeof read === 'string') return wrongPattern(read);
  return { kind: 'if', pattern: read.pattern, rest: trimBlanks(text.slice(read.end)) };
}

function wrongPattern(what: string): PatternRule {
  return { kind: 'wrong', what, instead: 'write: /pattern/ result, and \\/ for a slash in the pattern' };
}

/** A string: what is wrong with it. */
function readPattern(
  text: string,
  from: number,
  dialect: Dialect,
): { pattern: WrittenPattern; end: number } | string {
  const { negated, at: open } = negation(text, from);
  const delimiter = text[open];
  if (delimiter === undefined) return 'there is no pattern';
  let close = open + 1;
  while (close < text.length && text[close] !== delimiter) close += text[close] === '\\' ? 2 : 1;
  if (close >= text.length) return `the pattern has no second ${shown(delimiter)}`;
  const end = close + 1 + flagsLength(text.slice(close + 1), dialect);
  const pattern = {
    negated,
    source: text.slice(open + 1, close),
    flags: text.slice(close + 1, end),
    at: open + 1,
    shown: trimBlanks(text.slice(from, end)),
  };
  return { pattern, end };
}

/** Up to white space, or to the `!` of a second pattern. */
function flagsLength(rest: string, dialect: Dialect): number {
  const end = rest.search(dialect === 'regexp' ? /[\t-\r !]/ : /[\t-\r ]/);
  return end < 0 ? rest.length : end;
}
