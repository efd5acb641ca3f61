/** Owns DbDump: the text that BerkeleyDB's db_dump prints of a database, line by line (Oracle's db_dump manual page). */

/** The text is no dump, or is damaged; the message is a clause that names the line. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}

type State = 'before' | 'header' | 'data' | 'after';

/** `VERSION=3`, header lines, `HEADER=END`, then in turn a key and a value, each behind a blank, then `DATA=END`. */
export class DbDump {
  #state: State = 'before';
  #line = 0;
  #print = false;
  #key: Buffer | null = null;

  /** A line without its end. A pair once its value has come. Throws DumpError. */
  add(line: string): readonly [key: Buffer, value: Buffer] | null {
    this.#line++;
    if (this.#state === 'data') return this.#data(line);
    if (this.#state === 'header') this.#header(line);
    else if (/^VERSION=\d+$/.test(line)) this.#state = 'header';
    else if (line !== '' || this.#state === 'before') throw this.#error('it does not begin with VERSION=');
    return null;
  }

  /** Throws DumpError: there should be more. */
  end(): void {
    if (this.#line === 0) throw new DumpError('it is empty');
    if (this.#state !== 'after') throw this.#error('it ends in the middle');
  }

  #header(line: string): void {
    if (line === 'HEADER=END') this.#state = 'data';
    else if (line === 'format=print') this.#print = true;
    else if (line === 'format=bytevalue') this.#print = false;
    else if (line === 'keys=0') throw this.#error('it was made without its keys (keys=0)');
    else if (!/^\w+=/.test(line)) throw this.#error('this is no line of a header');
  }

  #data(line: string): readonly [Buffer, Buffer] | null {
    if (line === 'DATA=END') {
      if (this.#key !== null) throw this.#error('the last key has no value');
      this.#state = 'after';
      return null;
    }
    const bytes = line.startsWith(' ') ? bytesOf(line.slice(1), this.#print) : null;
    if (bytes === null) throw this.#error('this is neither a key nor a value');
    const key = this.#key;
    this.#key = key === null ? bytes : null;
    return key === null ? null : [key, bytes];
  }

  #error(what: string): DumpError {
    return new DumpError(`line ${this.#line}: ${what}`);
  }
}

/** Null: it is not of that format. */
function bytesOf(text: string, print: boolean): Buffer | null {
  if (!print) return /^(?:[0-9a-f]{2})*$/.test(text) ? Buffer.from(text, 'hex') : null;
  if (!/^(?:[ -[\]-~]|\\\\|\\[0-9a-f]{2})*$/.test(text)) return null;
  if (!text.includes('\\')) return Buffer.from(text, 'latin1');
  const plain = text.replaceAll(/\\(\\|[0-9a-f]{2})/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 16)),
  );
  return Buffer.from(plain, 'latin1');
}
