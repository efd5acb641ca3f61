/** Owns Cursor: reading a structured field value from left to right, as RFC 5322 §3.2 and RFC 2045 §5.1 divide it. */

/** RFC 2045 §5.1, and what RFC 6532 §3.2 adds to it: anything but blanks, what controls or cannot be seen, and the specials. */
const TOKEN = /[^\s()<>@,;:\\"/[\]?=\p{Cc}\p{Cf}]+/uy;
const QUOTED = /"((?:[^"\\]|\\.)*)"/suy;
const BLANKS = /\s+/uy;

export function isToken(text: string): boolean {
  TOKEN.lastIndex = 0;
  return TOKEN.exec(text)?.[0].length === text.length;
}

/** No character that can end a line for some reader, but where it folds one: bare CR and the like. */
const UNCLEAN = /[\0-\x08\x0b-\x1f\x7f]|\n(?![ \t])/;

/** Nobody nests deeper; a reader that recurses would be the one to suffer. */
const DEEPEST = 100;

export class Cursor {
  readonly #text: string;
  #at = 0;
  /** From here on no comment is closed any more: looked for once. */
  #openFrom = Infinity;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get isClean(): boolean {
    return !UNCLEAN.test(this.#text);
  }

  /** Over blanks, folds and comments; false: a comment is not closed. */
  skip(): boolean {
    while (!this.atEnd) {
      if (this.#match(BLANKS) !== null) continue;
      if (this.#text[this.#at] !== '(') return true;
      if (!this.comment()) return false;
    }
    return true;
  }

  /** Over a comment with all that is nested in it; false: there is none that is closed, and nothing is skipped. */
  comment(): boolean {
    if (this.#text[this.#at] !== '(' || this.#at >= this.#openFrom) return false;
    let depth = 0;
    for (let i = this.#at; i < this.#text.length; i++) {
      const char = this.#text[i]!;
      if (char === '\\') i++;
      else if (char === '(') depth += 1;
      else if (char === ')') depth -= 1;
      if (depth > DEEPEST) break;
      if (depth > 0) continue;
      this.#at = i + 1;
      return true;
    }
    this.#openFrom = this.#at;
    return false;
  }

  /** Null: there is none here. */
  token(): string | null {
    return this.#match(TOKEN)?.[0] ?? null;
  }

  /** What a quoted-string means; null: there is none here. */
  quoted(): string | null {
    return this.#match(QUOTED)?.[1]!.replace(/\\(.)/gsu, '$1').replaceAll('\n', '') ?? null;
  }

  take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  /** Whatever stands here. */
  char(): string {
    return this.#text[this.#at++] ?? '';
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}
