/** Owns the readers of our fields that specs compare with: written from the RFCs' grammar, strict, one rule a function. */

/** Throws Error where the text is not by the grammar. */
export class FieldReader {
  readonly #text: string;
  #at = 0;

  /** Line ends are checked and taken out here: CRLF or LF, each before white space (RFC 5322 §2.2.3). */
  constructor(value: string) {
    for (const line of value.split('\n')) {
      if (Buffer.byteLength(line) > 998) throw new Error('a line of more than 998 octets');
      if (line.trim() === '') throw new Error('a line of white space');
    }
    for (const [i, line] of value.split('\n').entries())
      if (i > 0 && !/^[ \t]/.test(line)) throw new Error('a line end that is no fold');
    this.#text = value.replaceAll('\n', '');
    if (/[\p{Cc}]/u.test(this.#text.replaceAll('\t', ''))) throw new Error('a control character');
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  /** `[CFWS]`: gives the comments in it. */
  cfws(): string[] {
    const comments: string[] = [];
    for (;;) {
      if (/[ \t]/.test(this.#peek())) this.#at += 1;
      // A fold in it is a blank.
      else if (this.#peek() === '(') comments.push(this.#comment().replaceAll('\t', ' '));
      else return comments;
    }
  }

  /** RFC 5322 §3.2.2, nested; ctext and quoted-pairs. */
  #comment(): string {
    this.expect('(');
    let text = '';
    while (this.#peek() !== ')') {
      if (this.#peek() === '(') text += `(${this.#comment()})`;
      else if (this.#peek() === '\\') text += this.#pair();
      else text += this.#next();
    }
    this.expect(')');
    return text;
  }

  #pair(): string {
    this.expect('\\');
    return this.#next();
  }

  expect(char: string): void {
    if (this.#peek() !== char) throw new Error(`${char} expected at ${this.#at} of ${this.#text}`);
    this.#at += 1;
  }

  maybe(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  /** One or more characters that `fits`. */
  run(fits: RegExp): string {
    const from = this.#at;
    while (!this.done && fits.test(this.#peek())) this.#at += 1;
    if (this.#at === from) throw new Error(`${fits.source} expected at ${from} of ${this.#text}`);
    return this.#text.slice(from, this.#at);
  }

  isQuote(): boolean {
    return this.#peek() === '"';
  }

  isWord(): boolean {
    return /[A-Za-z0-9]/.test(this.#peek());
  }

  /** RFC 5322 §3.2.4: qtext, blanks and quoted-pairs. */
  quotedString(): string {
    this.expect('"');
    let text = '';
    while (this.#peek() !== '"') text += this.#peek() === '\\' ? this.#pair() : this.#next();
    this.expect('"');
    return text;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): string {
    if (this.done) throw new Error('it ends too early');
    return this.#text[this.#at++]!;
  }
}

/** RFC 2045 §5.1: any CHAR but SPACE, CTLs and tspecials. */
const TOKEN_CHAR = /[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]/;
/** RFC 5321 §4.1.2: Keyword. */
const KEYWORD_CHAR = /[A-Za-z0-9-]/;
/** RFC 5322 §3.2.3, with the dots of a dot-atom. */
const DOT_ATOM_CHAR = /[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~.]/;

export interface ReadResult {
  readonly method: string;
  readonly result: string;
  readonly reason: string | null;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly comments: readonly string[];
}

export interface ReadAuthenticationResults {
  readonly authservId: string;
  readonly version: string | null;
  readonly results: readonly ReadResult[];
}

/** RFC 8601 §2.2, `authres-payload`. */
export function readAuthenticationResults(value: string): ReadAuthenticationResults {
  const read = new FieldReader(value);
  if (!/^[\x20-\x7e\t\n]*$/.test(value)) throw new Error('not ASCII');
  read.cfws();
  const authservId = valueOf(read);
  read.cfws();
  let version: string | null = null;
  if (read.isWord()) {
    version = read.run(/\d/);
    read.cfws();
  }
  const results: ReadResult[] = [];
  while (read.maybe(';')) results.push(readResult(read));
  if (!read.done || results.length === 0) throw new Error(`not by the grammar: ${value}`);
  return { authservId, version, results };
}

function readResult(read: FieldReader): ReadResult {
  read.cfws();
  const method = read.run(KEYWORD_CHAR);
  read.cfws();
  read.expect('=');
  read.cfws();
  const result = read.run(KEYWORD_CHAR);
  const comments = read.cfws();
  let reason: string | null = null;
  const properties: { name: string; value: string }[] = [];
  while (read.isWord()) {
    const word = read.run(KEYWORD_CHAR);
    comments.push(...read.cfws());
    if (word === 'reason' && reason === null && properties.length === 0) {
      read.expect('=');
      read.cfws();
      reason = valueOf(read);
    } else {
      read.expect('.');
      read.cfws();
      const property = read.run(KEYWORD_CHAR);
      read.cfws();
      read.expect('=');
      read.cfws();
      properties.push({ name: `${word}.${property}`, value: valueOf(read) });
    }
    comments.push(...read.cfws());
  }
  return { method, result, reason, properties, comments };
}

/** RFC 2045 §5.1. */
function valueOf(read: FieldReader): string {
  return read.isQuote() ? read.quotedString() : read.run(TOKEN_CHAR);
}

export interface ReadReceivedSpf {
  readonly result: string;
  readonly comments: readonly string[];
  readonly pairs: Readonly<Record<string, string>>;
}

/** RFC 7208 §9.1. */
export function readReceivedSpf(value: string): ReadReceivedSpf {
  const read = new FieldReader(value);
  read.cfws();
  const result = read.run(/[a-z]/);
  const comments = read.cfws();
  const pairs: Record<string, string> = {};
  while (!read.done) {
    const key = read.run(/[A-Za-z0-9_.-]/);
    read.cfws();
    read.expect('=');
    if (key in pairs) throw new Error(`${key} is there twice`);
    pairs[key] = read.isQuote() ? read.quotedString() : dotAtom(read.run(DOT_ATOM_CHAR));
    read.cfws();
    if (read.done) break;
    read.expect(';');
    read.cfws();
  }
  return { result, comments, pairs };
}

function dotAtom(text: string): string {
  if (/^\.|\.\.|\.$/.test(text)) throw new Error(`${text} is no dot-atom`);
  return text;
}

export interface ReadDnsblResult {
  readonly authservId: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/** Our own grammar: `id *(";" name "=" value)`, with one blank or fold behind each semicolon. */
export function readDnsblResult(value: string): ReadDnsblResult {
  const read = new FieldReader(value);
  const authservId = read.run(/[!-:<-~]/);
  const pairs: [string, string][] = [];
  while (read.maybe(';')) {
    read.run(/[ \t]/);
    const name = read.run(/[!-:<>-~]/);
    read.expect('=');
    pairs.push([name, read.run(/[!-:<>-~]/)]);
  }
  if (!read.done) throw new Error(`not by the grammar: ${value}`);
  return { authservId, pairs };
}
