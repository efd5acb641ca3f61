/** Owns making a pattern runnable: by re2js in linear time, or, where that can't, by JavaScript's own in a thread. */

import { RE2JS } from 're2js';
import { PatternError, type Doubt, type PatternTree } from './pattern-tree.ts';
import type { Dialect, WrittenPattern } from './pattern-rule.ts';
import { readPerl } from './perl-syntax.ts';
import { readPosix } from './posix-syntax.ts';
import { foreignPart, spell } from './spell-pattern.ts';

/** What a pattern matched, by group; the whole is group 0, null a group that took no part. */
export type Groups = readonly (string | null)[];

export type Program =
  /** Null: no match. */
  | {
      readonly kind: 'linear';
      readonly matches: (key: string) => boolean;
      readonly groups: (key: string) => Groups | null;
    }
  /** `source` of a RegExp without flags; `why`: `a lookahead`. */
  | { readonly kind: 'thread'; readonly source: string; readonly why: string };

export type Compiled =
  | {
      readonly ok: true;
      readonly program: Program;
      readonly groups: number;
      readonly doubts: readonly Doubt[];
    }
  /** `at`: offset in the pattern. */
  | { readonly ok: false; readonly what: string; readonly at: number };

/** To compile takes time in proportion, a few ms at this length, and the event loop waits for it. */
const LONGEST = 4096;

/** `substituted`: the groups are wanted, so of POSIX's the longest match. */
export function compilePattern(
  { source, flags }: WrittenPattern,
  dialect: Dialect,
  substituted: boolean,
): Compiled {
  if (source.length > LONGEST)
    return { ok: false, what: `the pattern is longer than ${LONGEST} bytes`, at: 0 };
  try {
    const tree = dialect === 'pcre' ? perlTree(source, flags) : posixTree(source, flags);
    const longest = dialect === 'regexp' && substituted;
    return {
      ok: true,
      program: linear(tree, longest) ?? threaded(tree),
      groups: tree.groups,
      doubts: tree.doubts,
    };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, what: error.message, at: error.at };
    throw error;
  }
}

function perlTree(source: string, flags: string): PatternTree {
  const on = toggled(flags, 'is', 'imsxAEUX', source.length);
  return readPerl(source, {
    ignoreCase: on.has('i'),
    lines: on.has('m'),
    dotAll: on.has('s'),
    spaced: on.has('x'),
    anchored: on.has('A'),
    ungreedy: on.has('U'),
  });
}

function posixTree(source: string, flags: string): PatternTree {
  const on = toggled(flags, 'ix', 'imx', source.length);
  return readPosix(source, { ignoreCase: on.has('i'), lines: on.has('m'), extended: on.has('x') });
}

/** Each letter turns its flag to the other state. */
function toggled(flags: string, initial: string, known: string, end: number): ReadonlySet<string> {
  const on = new Set(initial);
  for (const letter of flags) {
    if (!known.includes(letter))
      throw new PatternError(`there is no flag ${JSON.stringify(letter)}`, end + 1);
    if (!on.delete(letter)) on.add(letter);
  }
  return on;
}

function linear({ node, groups }: PatternTree, longest: boolean): Program | null {
  const source = spell(node, 'linear');
  if (source === null) return null;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, RE2JS.LOOKBEHINDS | (longest ? RE2JS.LONGEST_MATCH : 0));
  } catch {
    // More repetitions than it takes, or a group within a lookbehind.
    return null;
  }
  return {
    kind: 'linear',
    matches: (key) => compiled.test(key),
    groups(key) {
      const matcher = compiled.matcher(key);
      return matcher.find() ? Array.from({ length: groups + 1 }, (_, group) => matcher.group(group)) : null;
    },
  };
}

function threaded({ node }: PatternTree): Program {
  const source = spell(node, 'backtracking')!;
  try {
    void new RegExp(source);
  } catch {
    throw new PatternError('the pattern can not be run', 0);
  }
  return { kind: 'thread', source, why: foreignPart(node) ?? 'more repetitions than re2js takes' };
}
