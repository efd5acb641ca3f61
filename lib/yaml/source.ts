/** Owns Source: a configuration file as a tree of YAML nodes, and the problems found in it by position. */

import { isAlias, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node } from 'yaml';
import { unkeyed } from '../mail/secret-zone.ts';
import type { Premise } from './premise.ts';
import { shown, type Problem } from './problem.ts';
import { syntaxProblems } from './syntax.ts';

/** Characters; a hundred times the longest configuration that makes sense, and still parsed in a fifth of a second. */
export const LONGEST_FILE = 262_144;

/** Each may stand for a list as long as the file, so that their number is what bounds the work. */
const mostAliases = 100;

const MOST_PROBLEMS = 500;

export class Source {
  readonly file: string;
  readonly text: string;
  /** Null: empty, nothing but comments, or not readable at all (then `problems` says why). */
  readonly root: Node | null;
  readonly #problems: Problem[] = [];
  readonly #lines = new LineCounter();
  readonly #aliased: ReadonlyMap<Alias, Node>;
  readonly #premises = new Map<unknown, unknown>();
  /** Lines whose meaning is doubtful, and the first line from which everything is. */
  readonly #broken = new Set<number>();
  #lost = Infinity;

  constructor(text: string, file: string) {
    this.file = file;
    this.text = text.replace(/^\ufeff/, '');
    const unreadable = this.#unreadable();
    if (unreadable !== null) {
      this.root = null;
      this.#aliased = new Map();
      this.#add(0, 'error', ...unreadable);
      return;
    }
    const document = parseDocument(this.text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // A key written twice is told by the section that reads it, with the line of the first.
      uniqueKeys: false,
    });
    this.root = document.contents;
    this.#aliased = aliases(document, (alias) => {
      const offset = alias.range?.[0] ?? 0;
      this.#add(offset, 'error', `*${shown(alias.source)} stands for nothing here`, 'write the value itself');
      this.#broken.add(this.lineAt(offset));
    });
    for (const { offset, what, instead, local, since } of syntaxProblems(this.text, document)) {
      this.#add(offset, 'error', what, instead);
      const { line } = this.#lines.linePos(since ?? offset);
      if (local) this.#broken.add(line);
      else this.#lost = Math.min(this.#lost, line);
    }
  }

  /** A byte that is no UTF-8 harms nothing in a comment; where it spoils a value, the value's reader has told it. */
  warnOfEncoding(): void {
    const garbled = this.text.indexOf('\ufffd');
    const told = this.#problems.some(({ what }) => what.endsWith('is not UTF-8'));
    if (garbled >= 0 && !told) this.#add(garbled, 'warning', 'this is not UTF-8', 'save the file as UTF-8');
  }

  #unreadable(): [what: string, instead: string] | null {
    if (this.text.includes('\0')) return ['this is not a text file in UTF-8', 'save it as UTF-8'];
    if (this.text.length > LONGEST_FILE)
      return [`the file is longer than ${LONGEST_FILE} characters`, 'is it the right file?'];
    return null;
  }

  /** Nothing is reported where the syntax is so broken that the problem may be none. */
  report(offset: number, severity: Problem['severity'], what: string, instead: string | null): void {
    const { line } = this.#lines.linePos(offset);
    if (line < this.#lost && !this.#broken.has(line)) this.#add(offset, severity, what, instead);
  }

  /** Nobody reads more, and a file of another kind has one in every line. */
  #add(offset: number, severity: Problem['severity'], what: string, instead: string | null): void {
    if (this.#problems.length > MOST_PROBLEMS) return;
    if (this.#problems.length === MOST_PROBLEMS)
      [what, instead] = ['there are more problems', 'mend those above first'];
    // Line 0 is what the counter says of an empty file.
    const { line, col } = this.#lines.linePos(offset);
    const at = { line: Math.max(line, 1), column: Math.max(col, 1) };
    // Also what YAML itself says of a line may repeat it.
    const said = { what: unkeyed(what), instead: instead === null ? null : unkeyed(instead) };
    this.#problems.push({ file: this.file, ...at, ...said, severity });
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Of this file, for whoever reads it from now on. */
  assume<T>(premise: Premise<T>, value: T): void {
    this.#premises.set(premise, value);
  }

  premise<T>(premise: Premise<T>): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- assume() put it there with the same key
    return this.#premises.has(premise) ? (this.#premises.get(premise) as T) : premise.fallback;
  }

  lineAt(offset: number): number {
    return this.#lines.linePos(offset).line;
  }

  positionAt(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  /** The node itself, or the one that an alias (`*name`) stands for; null if there is none. */
  resolved(node: unknown): Node | null {
    const target = isAlias(node) ? this.#aliased.get(node) : node;
    return isNode(target) ? target : null;
  }
}

/** What each alias stands for: the last anchor of that name before it. One step only: an alias within it is read as one. */
function aliases(document: Document, dangling: (alias: Alias) => void): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const aliased = new Map<Alias, Node>();
  visit(document, {
    Alias(_, alias) {
      const target = anchors.get(alias.source);
      if (target === undefined || aliased.size >= mostAliases) dangling(alias);
      else aliased.set(alias, target);
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliased;
}

/** What was written for a scalar: the text between quotes, or the bare characters (`0660`, not 660); null for others. */
export function scalarText(node: unknown): string | null {
  if (!isScalar(node)) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}
