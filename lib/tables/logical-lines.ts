/** Owns the lines of a Postfix table file: comments, blank lines, and lines that continue the one before (postmap(1)). */

import { skipBlanks } from './bytes.ts';
import type { Problems } from './problems.ts';

export interface LogicalLine {
  /** Bytes; the parts of a continued line as they stand, their white space kept. Begins with no white space. */
  readonly text: string;
  /** Of its first part, counted from 1. */
  readonly line: number;
}

/** Far more than any SMTP reply or pattern; a file without line ends must not fill the memory. */
const LONGEST = 1 << 16;

/**
 * Cuts bytes into logical lines, as readllines() of Postfix does: a line that begins with white space continues the
 * logical line before it, and neither comments nor blank lines between them end it.
 */
export class LogicalLines {
  readonly #problems: Problems;
  /** The beginning of a physical line whose end has not come yet. */
  #rest = '';
  #lost = false;
  #number = 0;
  #text = '';
  /** Of the logical line under way; 0: there is none. */
  #first = 0;
  #fault: string | null = null;
  #orphan = false;
  #returned = false;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** The logical lines that are known to be whole now. */
  *push(chunk: string): Generator<LogicalLine, void> {
    const text = this.#rest + chunk;
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      const whole = this.#line(text.slice(start, end));
      if (whole !== null) yield whole;
      start = end + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > LONGEST) {
      this.#lost = true;
      this.#rest = this.#rest.slice(0, 100);
    }
  }

  *end(): Generator<LogicalLine, void> {
    if (this.#rest !== '') {
      const whole = this.#line(this.#rest);
      if (whole !== null) yield whole;
    }
    const last = this.#finish();
    if (last !== null) yield last;
  }

  /** Takes the next physical line; gives the logical line that it ends. */
  #line(written: string): LogicalLine | null {
    this.#number++;
    const tooLong = this.#lost || written.length > LONGEST;
    this.#lost = false;
    const line = this.#plain(written);
    const at = skipBlanks(line, 0);
    if (at === line.length || line[at] === '#') return null;
    if (at > 0) this.#continue(line);
    else {
      const whole = this.#finish();
      this.#begin(line);
      if (tooLong) this.#fault = 'this line is too long';
      return whole;
    }
    if (tooLong && this.#first > 0) this.#fault = 'this line is too long';
    return null;
  }

  #begin(line: string): void {
    this.#orphan = false;
    this.#text = line;
    this.#first = this.#number;
    if (line.includes('\0')) this.#fault = 'there is a NUL byte in this line';
  }

  #continue(line: string): void {
    if (this.#first > 0) {
      if (this.#text.length + line.length > LONGEST)
        this.#fault = 'this line and what continues it are too long';
      else this.#text += line;
      if (line.includes('\0')) this.#fault ??= 'there is a NUL byte in what continues this line';
    } else if (!this.#orphan) {
      this.#orphan = true;
      this.#problems.error(
        this.#number,
        'this line begins with white space but continues nothing',
        'begin it at the left margin',
      );
    }
  }

  #finish(): LogicalLine | null {
    const { text, line } = { text: this.#text, line: this.#first };
    const fault = this.#fault;
    this.#text = '';
    this.#first = 0;
    this.#fault = null;
    if (line === 0) return null;
    if (fault === null) return { text, line };
    this.#problems.error(line, fault, 'is it a text file?');
    return null;
  }

  /** Without what other systems put around a line. */
  #plain(line: string): string {
    if (this.#number === 1 && line.startsWith('\u00ef\u00bb\u00bf')) {
      this.#problems.warning(
        1,
        'the file begins with a byte order mark, which Postfix takes for a part of the first line',
        'save it without one',
      );
      line = line.slice(3);
    }
    if (!line.endsWith('\r')) return line;
    if (!this.#returned)
      this.#problems.warning(
        this.#number,
        'lines end in CR LF, as on Windows',
        'convert the file: sed -i "s/\\r$//" FILE',
      );
    this.#returned = true;
    return line.slice(0, -1);
  }
}
