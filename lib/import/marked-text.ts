/** Owns MarkedText: text of main.cf that knows on which line each of its characters stands. */

export interface Piece {
  readonly text: string;
  /** Counted from 1; 0: nowhere, a default of Postfix. */
  readonly line: number;
}

export class MarkedText {
  readonly text: string;
  readonly pieces: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
    this.text = pieces.map(({ text }) => text).join('');
  }

  slice(from: number, to: number): MarkedText {
    const found: Piece[] = [];
    let at = 0;
    for (const { text, line } of this.pieces) {
      const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
      if (part !== '') found.push({ text: part, line });
      at += text.length;
      if (at >= to) break;
    }
    return new MarkedText(found);
  }

  /**
   * Its words, each with the line on which it begins. Blanks and commas separate; braces hold together, and so does
   * `127.0.0.[ 18..20 ]` with its blanks.
   */
  words(): Piece[] {
    const { text } = this;
    const closing = closingOf(text);
    const found: Piece[] = [];
    let piece = 0;
    let end = this.pieces[0]?.text.length ?? 0;
    for (let at = 0; at < text.length;) {
      const start = at;
      while (at < text.length && !/[\s,]/.test(text[at]!)) {
        const bracket = text[at] === '[' ? /^\[[\d.;\s]*\]/.exec(text.slice(at, at + 200)) : null;
        at = bracket === null ? (closing.get(at) ?? at) + 1 : at + bracket[0].length;
      }
      if (at === start) {
        at++;
        continue;
      }
      while (start >= end && piece + 1 < this.pieces.length) end += this.pieces[++piece]!.text.length;
      found.push({ text: text.slice(start, at), line: this.pieces[piece]!.line });
    }
    return found;
  }
}

/** Where each `{` is closed; one pass, so that a thousand open ones cost no more than one. */
export function closingOf(text: string): Map<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') open.push(i);
    const from = text[i] === '}' ? open.pop() : undefined;
    if (from !== undefined) closing.set(from, i);
  }
  return closing;
}
