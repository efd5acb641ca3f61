/** Owns Place: one value of the file on its way to being read, with the name that problems give it. */

import { isScalar } from 'yaml';
import type { Node } from 'yaml';
import { type Source, scalarText } from './source.ts';

export class Place {
  readonly source: Source;
  /** `greylist.delay`; empty for the whole file. */
  readonly name: string;
  /** Null: the key has no value, or (for a default) is not there. */
  readonly node: Node | null;
  /** Where problems are shown: the node's first character. */
  readonly offset: number;
  readonly #troubles: { count: number };

  /** `offset` is used where there is no node. */
  constructor(source: Source, name: string, node: unknown, offset: number, troubles = { count: 0 }) {
    this.source = source;
    this.name = name;
    this.node = source.resolved(node);
    this.offset = this.node?.range?.[0] ?? offset;
    this.#troubles = troubles;
  }

  /** An item of this list: problems of it are problems of the list. */
  item(node: unknown): Place {
    return new Place(this.source, this.name, node, this.offset, this.#troubles);
  }

  /** What is wrong here is wrong with the whole that it belongs to: for a Place made beside it. */
  get troubles(): { count: number } {
    return this.#troubles;
  }

  /** Where a part of this value stands, `within` characters into it. */
  spot(within: number): {
    readonly file: string;
    readonly offset: number;
    readonly line: number;
    readonly column: number;
  } {
    const offset = this.offset + (this.#verbatim ? within : 0);
    return { file: this.source.file, offset, ...this.source.positionAt(offset) };
  }

  /** False once an error was reported for this value. */
  get sound(): boolean {
    return this.#troubles.count === 0;
  }

  /** What was written: see scalarText; null for a list, a mapping or nothing. */
  get text(): string | null {
    return scalarText(this.node);
  }

  /** What stands behind an unquoted value in its line as a comment; null: nothing. */
  get comment(): string | null {
    const { node } = this;
    return isScalar(node) && node.type === 'PLAIN' ? (node.comment ?? null) : null;
  }

  /** True if nothing was written, or `null` or `~`. */
  get empty(): boolean {
    return this.node === null || (isScalar(this.node) && this.node.value === null);
  }

  /** `within`: the problem is this many characters into an unquoted value. */
  error(what: string, instead: string | null, within = 0): null {
    this.#troubles.count++;
    this.#report('error', what, instead, within);
    return null;
  }

  warning(what: string, instead: string | null, within = 0): void {
    this.#report('warning', what, instead, within);
  }

  #report(severity: 'error' | 'warning', what: string, instead: string | null, within: number): void {
    const said = this.name === '' ? what : `${this.name}: ${what}`;
    this.source.report(this.spot(within).offset, severity, said, instead);
  }

  /** The text stands in the file as it is: no quotes or escapes shift what is within it. */
  get #verbatim(): boolean {
    const text = this.text;
    return text !== null && this.source.text.startsWith(text, this.offset);
  }
}
