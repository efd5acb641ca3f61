/** Owns HeaderNames: which header fields a filter wants to see, told before they are decoded. */

import type { Conversation } from './conversation.ts';
import { PROTOCOL } from './flags.ts';
import { STAGE } from './macros.ts';

export class HeaderNames {
  readonly #names: ReadonlySet<string>;
  /** First letters, in lower case: of most fields more need not be looked at. */
  readonly #initials: ReadonlySet<number>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
    this.#initials = new Set([...this.#names].map((name) => name.charCodeAt(0)));
  }

  /** In whatever case, and with the blanks that some MTAs leave before the colon (RFC 5322 §4.5). */
  has(name: string): boolean {
    return this.#names.has(name.trimEnd().toLowerCase());
  }

  /**
   * Whether a frame, without its length, changes nothing at this point: another field, behind one and with no answer due.
   * One that is no whole header is left to be complained of.
   */
  pass(frame: Buffer, { terms, message, announced }: Conversation): boolean {
    if (frame[0] !== HEADER || message !== STAGE.header || announced !== null) return false;
    if (terms === null || (terms.protocol & PROTOCOL.silentHeader) === 0) return false;
    const nameEnd = frame.indexOf(0, 1);
    if (nameEnd < 0 || frame.indexOf(0, nameEnd + 1) !== frame.length - 1) return false;
    return !this.#initials.has(frame[1]! | CASE) || !this.has(frame.toString('latin1', 1, nameEnd));
  }
}

const HEADER = 'L'.charCodeAt(0);

/** The bit by which ASCII tells small letters from large ones. */
const CASE = 0x20;
