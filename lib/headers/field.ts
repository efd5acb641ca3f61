/** Owns Field: a header field that Postern adds, and how it is folded. */

export interface Field {
  readonly name: string;
  /** Folded by LF and a tab, as milters write it; without the blank behind the colon, which the MTA puts there. */
  readonly value: string;
}

/** RFC 5322 §2.1.1: SHOULD; a tab counts as far as it goes on a screen. */
const WIDTH = 78;
const TAB_WIDTH = 8;

/** `words` are what no line end may divide; between two of them there is a blank, or a fold. */
export function folded(name: string, words: readonly string[]): Field {
  let value = '';
  let column = name.length + 1;
  for (const word of words) {
    const fits = column + 1 + word.length <= WIDTH;
    // Nothing before it: a first line without anything on it is only obsolete syntax (RFC 5322 §4.2).
    if (value === '') value = word;
    else value += fits ? ` ${word}` : `\n\t${word}`;
    column = (fits || value === word ? column + 1 : TAB_WIDTH) + word.length;
  }
  return { name, value };
}

/** As one line: for people, and for comparing. */
export function unfolded(value: string): string {
  return value.replace(/\r?\n[ \t]+/g, ' ');
}
