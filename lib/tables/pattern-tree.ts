/** Owns the tree of a regular expression: what POSIX and Perl syntax are read into, and what two engines' is spelled from. */

export type Node =
  /** One byte of a set; `.` and a single character are sets too, and letter case is ignored by having both in it. */
  | { readonly kind: 'set'; readonly bytes: ByteSet }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | { readonly kind: 'capture'; readonly node: Node; readonly group: number }
  | { readonly kind: 'look'; readonly node: Node; readonly ahead: boolean; readonly negated: boolean }
  /** What it matched once, it does not give back: `(?>…)`, `a++`. */
  | {
      readonly kind: 'atomic';
      readonly node: Node;
      /** Unlike that of any other in the pattern. */ readonly number: number;
    }
  | Repeat
  /** `\1`: the same text again. */
  | { readonly kind: 'same'; readonly group: () => number; readonly ignoreCase: boolean };

export interface Repeat {
  readonly kind: 'repeat';
  readonly node: Node;
  readonly min: number;
  /** Null: no limit. */
  readonly max: number | null;
  readonly lazy: boolean;
}

export type Edge =
  | 'start'
  | 'end'
  | 'line-start'
  | 'line-end'
  | 'boundary'
  | 'no-boundary'
  | 'word-start'
  | 'word-end';

/** Ascending, apart from each other. */
export type ByteSet = readonly (readonly [low: number, high: number])[];

export interface PatternTree {
  readonly node: Node;
  /** How many `( )` can be substituted. */
  readonly groups: number;
  /** What is hardly meant so. */
  readonly doubts: readonly Doubt[];
}

export interface Doubt {
  readonly what: string;
  readonly instead: string;
  /** Offset in the pattern. */
  readonly at: number;
}

/** A pattern that is not one; `at` is the offset in it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

/** Deeper nesting than any administrator writes, and no danger for a parser that calls itself. */
export const DEEPEST = 100;
