/** Owns the syntax of `pcre:` tables: Perl-compatible expressions (pcre2pattern(3)), but for recursion and conditions. */

import { readBracket } from './bracket-expression.ts';
import { bothCases, EVERY_BYTE, NOT_NEWLINE, single } from './byte-set.ts';
import { PerlGroups } from './perl-groups.ts';
import { PERL_EDGES, readPerlEscape } from './perl-escape.ts';
import { DEEPEST, PatternError, type ByteSet, type Node, type PatternTree } from './pattern-tree.ts';

export interface PerlFlags {
  readonly ignoreCase: boolean;
  /** `^` and `$` match at line ends. */
  readonly lines: boolean;
  /** `.` matches a line end. */
  readonly dotAll: boolean;
  /** White space in the pattern is none of it. */
  readonly spaced: boolean;
  readonly anchored: boolean;
  readonly ungreedy: boolean;
}

export function readPerl(text: string, flags: PerlFlags): PatternTree {
  const syntax = new PerlSyntax(text, flags);
  const tree = syntax.read();
  if (!flags.anchored) return tree;
  return { ...tree, node: { kind: 'sequence', nodes: [{ kind: 'edge', edge: 'start' }, tree.node] } };
}

/** PCRE2's own limit. */
const MOST_REPEATS = 65_535;

const REPEATS = /^(?:([*+?])|\{(\d{1,5})(?:(,)(\d{0,5}))?\})([?+]?)/;

class PerlSyntax {
  readonly #text: string;
  readonly #groups = new PerlGroups();
  #flags: PerlFlags;
  #at = 0;
  #depth = 0;
  #atoms = 0;

  constructor(text: string, flags: PerlFlags) {
    this.#text = text;
    this.#flags = flags;
  }

  read(): PatternTree {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new PatternError('this ) closes nothing', this.#at);
    this.#groups.settle();
    return { node, groups: this.#groups.count, doubts: [] };
  }

  /** Flags that are set within a group end with it, but not with a branch. */
  #choice(): Node {
    const outer = this.#flags;
    const branches = [this.#sequence()];
    while (this.#text[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence());
    }
    this.#flags = outer;
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || char === '|' || char === ')') break;
      nodes.push(...this.#repeated());
    }
    return nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
  }

  /** Comments, and white space where that is none of the pattern. */
  #skipSpace(): void {
    const skipped = this.#flags.spaced ? /(?:\(\?#[^)]*\)|[\t-\r ]+|#[^\n]*)*/y : /(?:\(\?#[^)]*\))*/y;
    skipped.lastIndex = this.#at;
    this.#at += skipped.exec(this.#text)?.[0].length ?? 0;
  }

  /** One atom with what repeats it; none for a change of flags; several for `\Q…\E`. */
  #repeated(): Node[] {
    const start = this.#at;
    if (this.#repeats() !== null) throw new PatternError('there is nothing to repeat', start);
    const atoms = this.#atom();
    const last = atoms.at(-1);
    if (last === undefined) return [];
    this.#skipSpace();
    const repeats = this.#repeats();
    if (repeats === null) return atoms;
    if (last.kind === 'edge') throw new PatternError('there is nothing to repeat', this.#at);
    const [whole, mark, low, comma, high, manner] = repeats;
    const min = mark === undefined ? Number(low) : mark === '+' ? 1 : 0;
    const max =
      mark === undefined
        ? comma === undefined
          ? min
          : high === ''
            ? null
            : Number(high)
        : mark === '?'
          ? 1
          : null;
    if (Math.max(min, max ?? 0) > MOST_REPEATS || (max !== null && max < min))
      throw new PatternError('this number of repetitions is not possible', this.#at);
    this.#at += whole.length;
    const lazy = manner !== '+' && (manner === '?') !== this.#flags.ungreedy;
    const repeat: Node = { kind: 'repeat', node: last, min, max, lazy };
    const again: Node = manner === '+' ? { kind: 'atomic', node: repeat, number: ++this.#atoms } : repeat;
    return [...atoms.slice(0, -1), again];
  }

  #repeats(): RegExpExecArray | null {
    return REPEATS.exec(this.#text.slice(this.#at, this.#at + 20));
  }

  #atom(): Node[] {
    const char = this.#text[this.#at]!;
    if (char === '(') return this.#parenthesis();
    if (char === '\\') return this.#escape();
    if (char === '[') return [this.#bracket()];
    this.#at++;
    if (char === '.') return [{ kind: 'set', bytes: this.#flags.dotAll ? EVERY_BYTE : NOT_NEWLINE }];
    if (char === '^') return [{ kind: 'edge', edge: this.#flags.lines ? 'line-start' : 'start' }];
    if (char === '$') return [{ kind: 'edge', edge: this.#flags.lines ? 'line-end' : 'end' }];
    return [this.#literal(char)];
  }

  #literal(char: string): Node {
    return { kind: 'set', bytes: this.#folded(single(char.charCodeAt(0))) };
  }

  #folded(set: ByteSet): ByteSet {
    return this.#flags.ignoreCase ? bothCases(set) : set;
  }

  #bracket(): Node {
    const word = /^\[\[:([<>]):\]\]/.exec(this.#text.slice(this.#at, this.#at + 7));
    if (word !== null) {
      this.#at += 7;
      return { kind: 'edge', edge: word[1] === '<' ? 'word-start' : 'word-end' };
    }
    const { bytes, end } = readBracket(
      this.#text,
      this.#at + 1,
      (at) => (this.#text[at] === 'b' ? { bytes: single(8), end: at + 1 } : readPerlEscape(this.#text, at)),
      (set) => this.#folded(set),
    );
    this.#at = end;
    return { kind: 'set', bytes };
  }

  #escape(): Node[] {
    const rest = this.#text.slice(this.#at, this.#at + 100);
    if (rest.startsWith('\\Q')) return this.#quoted();
    // \E without \Q is nothing; \K only moves the beginning of a $0 that Postfix doesn't have.
    if (/^\\[EK]/.test(rest)) {
      this.#at += 2;
      return [];
    }
    const same = this.#groups.reference(rest, this.#at);
    if (same !== null) {
      this.#at += same.length;
      return [{ kind: 'same', group: same.group, ignoreCase: this.#flags.ignoreCase }];
    }
    const edge = PERL_EDGES[rest[1] ?? ''];
    if (edge !== undefined) {
      this.#at += 2;
      return [{ kind: 'edge', edge }];
    }
    if (rest.startsWith('\\R')) return this.#lineEnd();
    const { bytes, end } = readPerlEscape(this.#text, this.#at + 1);
    this.#at = end;
    return [{ kind: 'set', bytes: this.#folded(bytes) }];
  }

  #lineEnd(): Node[] {
    this.#at += 2;
    const pair: Node[] = [13, 10].map((code) => ({ kind: 'set', bytes: single(code) }));
    const one: Node = {
      kind: 'set',
      bytes: [
        [10, 13],
        [133, 133],
      ],
    };
    return [{ kind: 'choice', branches: [{ kind: 'sequence', nodes: pair }, one] }];
  }

  #quoted(): Node[] {
    const end = this.#text.indexOf('\\E', this.#at + 2);
    const quoted = this.#text.slice(this.#at + 2, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    return Array.from(quoted, (char) => this.#literal(char));
  }

  #parenthesis(): Node[] {
    const open = this.#at;
    const rest = this.#text.slice(open, open + 100);
    const [whole, on, off = '', mark] = /^\(\?([imsxU]*)(-[imsxU]*)?([:)])/.exec(rest) ?? [];
    if (whole !== undefined) return this.#switched(whole.length, on!, off, mark!);
    const [begin, look, , name] =
      /^\((?:\?(<?[=!]|>|(P?<|')([A-Za-z_]\w{0,31})[>'])|(?![?*]))/.exec(rest) ?? [];
    if (begin === undefined) throw new PatternError(`${rest.slice(0, 3)} is not possible here`, open);
    this.#at += begin.length;
    if (look === '>') return [{ kind: 'atomic', node: this.#inner(open), number: ++this.#atoms }];
    if (look !== undefined && name === undefined) {
      const node = this.#inner(open);
      return [{ kind: 'look', node, ahead: !look.startsWith('<'), negated: look.endsWith('!') }];
    }
    const group = this.#groups.open(name ?? null);
    return [{ kind: 'capture', node: this.#inner(open), group }];
  }

  /** `(?i)` to the end of the group, `(?i-s:…)` for its own. */
  #switched(length: number, on: string, off: string, mark: string): Node[] {
    const open = this.#at;
    this.#at += length;
    const outer = this.#flags;
    const state = (letter: string, before: boolean): boolean =>
      !off.includes(letter) && (on.includes(letter) || before);
    this.#flags = {
      ignoreCase: state('i', outer.ignoreCase),
      lines: state('m', outer.lines),
      dotAll: state('s', outer.dotAll),
      spaced: state('x', outer.spaced),
      ungreedy: state('U', outer.ungreedy),
      anchored: outer.anchored,
    };
    if (mark === ')') return [];
    const node = this.#inner(open);
    this.#flags = outer;
    return [{ kind: 'sequence', nodes: [node] }];
  }

  /** What stands between here and the `)`. */
  #inner(open: number): Node {
    if (++this.#depth > DEEPEST) throw new PatternError('groups are nested too deeply', open);
    const node = this.#choice();
    if (this.#text[this.#at] !== ')') throw new PatternError('a ( is not closed', open);
    this.#at++;
    this.#depth--;
    return node;
  }
}
