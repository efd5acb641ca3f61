/** Owns what a backslash means in a `pcre:` pattern, as far as it is about characters (pcre2pattern(3)). */

import { classOf, complement, single } from './byte-set.ts';
import { PatternError, type ByteSet, type Edge } from './pattern-tree.ts';

const SETS: Readonly<Record<string, ByteSet>> = {
  d: classOf('digit')!,
  w: classOf('word')!,
  s: classOf('space')!,
  h: classOf('horizontal')!,
  v: classOf('vertical')!,
};

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

export const PERL_EDGES: Readonly<Record<string, Edge>> = {
  b: 'boundary',
  B: 'no-boundary',
  A: 'start',
  G: 'start',
  // A key has no line end: Z and z are one.
  Z: 'end',
  z: 'end',
};

/** What stands behind the backslash at `at - 1`: a set or a character. */
export function readPerlEscape(text: string, at: number): { readonly bytes: ByteSet; readonly end: number } {
  const char = text[at];
  if (char === undefined) throw new PatternError('the pattern ends in a backslash', at - 1);
  if (!/[0-9A-Za-z]/.test(char)) return { bytes: single(char.charCodeAt(0)), end: at + 1 };
  const lower = char.toLowerCase();
  if (char === 'N') return { bytes: complement(single(10)), end: at + 1 };
  if (Object.hasOwn(SETS, lower)) {
    const set = SETS[lower]!;
    return { bytes: char === lower ? set : complement(set), end: at + 1 };
  }
  if (Object.hasOwn(CONTROLS, char)) return { bytes: single(CONTROLS[char]!), end: at + 1 };
  if (char === 'C') return { bytes: [[0, 255]], end: at + 1 };
  return readNumbered(text, at);
}

/** `\x41`, `\x{41}`, `\o{101}`, `\101`, `\cA`. */
function readNumbered(text: string, at: number): { bytes: ByteSet; end: number } {
  const rest = text.slice(at, at + 20);
  const [whole, braced, hex, octalBraced, octal, control] =
    /^(?:x\{([0-9a-fA-F]{1,8})\}|x([0-9a-fA-F]{0,2})|o\{([0-7]{1,8})\}|([0-7]{1,3})|c([ -~]))/.exec(rest) ??
    [];
  if (whole === undefined) throw new PatternError(`\\${text[at]} is not known`, at - 1);
  const code =
    control === undefined
      ? Number.parseInt(
          `0${braced ?? hex ?? octalBraced ?? octal}`,
          octal === undefined && octalBraced === undefined ? 16 : 8,
        )
      : control.toUpperCase().charCodeAt(0) ^ 64;
  // As in Postfix, a pattern sees bytes.
  if (code > 255) throw new PatternError(`\\${whole} is more than a byte`, at - 1);
  return { bytes: single(code), end: at + whole.length };
}
