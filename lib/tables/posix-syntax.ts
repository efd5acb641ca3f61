/** Owns the syntax of `regexp:` tables: POSIX extended expressions with glibc's additions (regex(7)). */

import { readBracket } from './bracket-expression.ts';
import { bothCases, classOf, complement, EVERY_BYTE, NOT_NEWLINE, single } from './byte-set.ts';
import {
  DEEPEST,
  PatternError,
  type ByteSet,
  type Doubt,
  type Edge,
  type Node,
  type PatternTree,
} from './pattern-tree.ts';

export interface PosixFlags {
  readonly ignoreCase: boolean;
  /** REG_NEWLINE. */
  readonly lines: boolean;
  /** False: the old syntax, where `( ) { }` are the ones with a backslash. */
  readonly extended: boolean;
}

export function readPosix(text: string, flags: PosixFlags): PatternTree {
  return new PosixSyntax(text, flags).read();
}

/** RE_DUP_MAX of glibc. */
const MOST_REPEATS = 0x7fff;

const ESCAPED_SETS: Readonly<Record<string, ByteSet>> = {
  w: classOf('word')!,
  W: complement(classOf('word')!),
  s: classOf('space')!,
  S: complement(classOf('space')!),
};

const ESCAPED_EDGES: Readonly<Record<string, Edge>> = {
  b: 'boundary',
  B: 'no-boundary',
  '<': 'word-start',
  '>': 'word-end',
  '`': 'start',
  "'": 'end',
};

/** Where in a branch: the old syntax takes `^` for an edge, and `*` for a star, only at some places. */
type Place = 'first' | 'after-edge' | 'later';

class PosixSyntax {
  readonly #text: string;
  readonly #flags: PosixFlags;
  #at = 0;
  #groups = 0;
  #depth = 0;
  readonly #doubts: Doubt[] = [];

  constructor(text: string, flags: PosixFlags) {
    this.#text = text;
    this.#flags = flags;
  }

  read(): PatternTree {
    const node = this.#choice();
    return { node, groups: this.#groups, doubts: this.#doubts };
  }

  /** Up to the end, or to the `)` of the group that is open. */
  #choice(): Node {
    const branches = [this.#sequence()];
    while (this.#operator() === '|') {
      this.#skipOperator();
      branches.push(this.#sequence());
    }
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (;;) {
      const operator = this.#operator();
      if (this.#at >= this.#text.length || operator === '|' || (operator === ')' && this.#depth > 0)) break;
      const last = nodes.at(-1);
      nodes.push(
        this.#repeated(last === undefined ? 'first' : last.kind === 'edge' ? 'after-edge' : 'later'),
      );
    }
    return nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
  }

  /** `a++` is a repetition of a repetition, and `a+?` not a lazy one. */
  #repeated(place: Place): Node {
    let node = this.#atom(place);
    // In the old syntax, a * behind ^ is a star.
    if (node.kind === 'edge' && !this.#flags.extended && this.#operator() === '*') return node;
    for (let times = 0; ; times++) {
      const bounds = this.#bounds();
      if (bounds === null) return node;
      if (times > 10) throw new PatternError('this is repeated too often', this.#at - 1);
      if (node.kind === 'edge') throw new PatternError('there is nothing to repeat', this.#at - 1);
      node = { kind: 'repeat', node, ...bounds, lazy: false };
    }
  }

  #bounds(): { min: number; max: number | null } | null {
    const operator = this.#operator();
    if (operator === null || !'*+?{'.includes(operator)) return null;
    this.#skipOperator();
    if (operator === '*') return { min: 0, max: null };
    if (operator === '+') return { min: 1, max: null };
    if (operator === '?') return { min: 0, max: 1 };
    const close = this.#flags.extended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/;
    const [whole, low = '', comma, high = ''] = close.exec(this.#text.slice(this.#at, this.#at + 20)) ?? [];
    if (whole === undefined || (low === '' && comma === ''))
      throw new PatternError('this { begins no number of repetitions', this.#at - 1);
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? null : Number(high);
    if (Math.max(min, max ?? 0) > MOST_REPEATS || (max !== null && max < min))
      throw new PatternError('this number of repetitions is not possible', this.#at - 1);
    this.#at += whole.length;
    return { min, max };
  }

  /** The operator at this place, whichever way the syntax spells it; null for everything else. */
  #operator(): string | null {
    const { extended } = this.#flags;
    const plain = this.#text[this.#at] ?? '';
    if (extended) return plain !== '' && '|()*+?{'.includes(plain) ? plain : null;
    if (plain === '*') return '*';
    const escaped = plain === '\\' ? (this.#text[this.#at + 1] ?? '') : '';
    return escaped !== '' && '|()+?{'.includes(escaped) ? escaped : null;
  }

  #skipOperator(): void {
    this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
  }

  #atom(place: Place): Node {
    const first = place === 'first';
    const operator = this.#operator();
    const at = this.#at;
    if (operator === '(') return this.#group();
    if (operator !== null && operator !== ')') {
      // A leading * stands for itself in the old syntax.
      if (this.#flags.extended || operator !== '*' || place === 'later')
        throw new PatternError(`there is nothing to repeat by ${operator}`, at);
    } else if (operator === ')' && !this.#flags.extended)
      throw new PatternError('this \\) closes nothing', at);
    const char = this.#text[this.#at++]!;
    if (char === '\\') return this.#escape();
    if (char === '[') return this.#bracket();
    if (char === '.') return { kind: 'set', bytes: this.#flags.lines ? NOT_NEWLINE : EVERY_BYTE };
    if (char === '^' && (this.#flags.extended || first))
      return this.#edge(this.#flags.lines ? 'line-start' : 'start');
    if (char === '$' && (this.#flags.extended || this.#endsBranch()))
      return this.#edge(this.#flags.lines ? 'line-end' : 'end');
    return this.#literal(char);
  }

  #endsBranch(): boolean {
    const operator = this.#operator();
    return this.#at >= this.#text.length || operator === '|' || operator === ')';
  }

  #group(): Node {
    const open = this.#at;
    this.#skipOperator();
    if (++this.#depth > DEEPEST) throw new PatternError('groups are nested too deeply', open);
    const group = ++this.#groups;
    const node = this.#choice();
    if (this.#operator() !== ')') throw new PatternError('a ( is not closed', open);
    this.#skipOperator();
    this.#depth--;
    return { kind: 'capture', node, group };
  }

  #escape(): Node {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new PatternError('the pattern ends in a backslash', this.#at - 2);
    if (Object.hasOwn(ESCAPED_SETS, char)) return { kind: 'set', bytes: ESCAPED_SETS[char]! };
    if (Object.hasOwn(ESCAPED_EDGES, char)) return this.#edge(ESCAPED_EDGES[char]!);
    if (/[A-Za-z]/.test(char)) return this.#escapedLetter(char);
    if (char < '1' || char > '9') return this.#literal(char);
    const group = Number(char);
    if (group > this.#groups) throw new PatternError(`there is no group ${group} before this`, this.#at - 2);
    return { kind: 'same', group: () => group, ignoreCase: this.#flags.ignoreCase };
  }

  /** `\d` is a d. And glibc compares in capitals where case is ignored, but forgets that for an escaped letter. */
  #escapedLetter(char: string): Node {
    const at = this.#at - 2;
    const instead =
      char === 'd' ? 'write [0-9], or make it a pcre: table' : `write ${char}, or make it a pcre: table`;
    this.#doubts.push({ what: `\\${char} means nothing special in a regexp: table`, instead, at });
    if (this.#flags.ignoreCase && char >= 'a') return { kind: 'set', bytes: [] };
    return this.#literal(char);
  }

  #bracket(): Node {
    const negated = this.#text[this.#at] === '^';
    const { bytes, end } = readBracket(
      this.#text,
      this.#at,
      null,
      this.#flags.ignoreCase ? bothCases : (set) => set,
    );
    this.#at = end;
    const kept = negated && this.#flags.lines ? withoutNewline(bytes) : bytes;
    return { kind: 'set', bytes: kept };
  }

  #literal(char: string): Node {
    const bytes = single(char.charCodeAt(0));
    return { kind: 'set', bytes: this.#flags.ignoreCase ? bothCases(bytes) : bytes };
  }

  #edge(edge: Edge): Node {
    return { kind: 'edge', edge };
  }
}

function withoutNewline(set: ByteSet): ByteSet {
  return complement([...complement(set), [10, 10] as const].toSorted((a, b) => a[0] - b[0]));
}
