/** Owns `[…]` of POSIX and of Perl patterns; they differ in what a backslash is. */

import { classOf, complement, single, union } from './byte-set.ts';
import { PatternError, type ByteSet } from './pattern-tree.ts';

export interface Bracket {
  readonly bytes: ByteSet;
  /** Behind the `]`. */
  readonly end: number;
}

/** Reads what stands behind a backslash at `at`: a set or one character of a range. */
export type Escape = (at: number) => { readonly bytes: ByteSet; readonly end: number };

/**
 * `at` is behind the `[`. A `]` right there stands for itself. `escape` null: a backslash stands for itself (POSIX).
 * `fold` is applied to each part before `^` is: `[^a]` without regard to case is neither `a` nor `A`.
 */
export function readBracket(
  text: string,
  at: number,
  escape: Escape | null,
  fold: (set: ByteSet) => ByteSet,
): Bracket {
  const start = at - 1;
  const negated = text[at] === '^';
  if (negated) at++;
  let bytes: ByteSet = [];
  for (let first = true; first || text[at] !== ']'; first = false) {
    if (at >= text.length) throw new PatternError('a [ is not closed', start);
    const low = member(text, at, escape);
    at = low.end;
    if (text[at] !== '-' || text[at + 1] === ']' || at + 1 >= text.length) {
      bytes = [...bytes, ...low.bytes];
      continue;
    }
    const high = member(text, at + 1, escape);
    bytes = [...bytes, range(low.bytes, high.bytes, at)];
    at = high.end;
  }
  const folded = fold(union(bytes));
  return { bytes: negated ? complement(folded) : folded, end: at + 1 };
}

function range(low: ByteSet, high: ByteSet, at: number): readonly [number, number] {
  const [from, to] = [only(low), only(high)];
  if (from === null || to === null || from > to)
    throw new PatternError('this range has no beginning or no end', at);
  return [from, to];
}

function only(set: ByteSet): number | null {
  const [first] = set;
  return set.length === 1 && first![0] === first![1] ? first![0] : null;
}

function member(text: string, at: number, escape: Escape | null): { bytes: ByteSet; end: number } {
  const named = /^\[([:=.])(.*?)\1\]/s.exec(text.slice(at, at + 40));
  if (named !== null) return { bytes: namedSet(named[1]!, named[2]!, at), end: at + named[0].length };
  if (text[at] === '\\' && escape !== null) return escape(at + 1);
  return { bytes: single(text.charCodeAt(at)), end: at + 1 };
}

/** `[:alpha:]`, Perl's `[:^alpha:]`, `[=a=]`, `[.-.]`. */
function namedSet(mark: string, name: string, at: number): ByteSet {
  if (mark !== ':') {
    if (name.length !== 1) throw new PatternError(`[${mark}${name}${mark}] is not known`, at);
    return single(name.charCodeAt(0));
  }
  const set = classOf(name.replace(/^\^/, ''));
  if (set === null || name === 'horizontal' || name === 'vertical')
    throw new PatternError(`there is no class [:${name}:]`, at);
  return name.startsWith('^') ? complement(set) : set;
}
