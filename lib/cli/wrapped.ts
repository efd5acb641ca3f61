/** Owns the breaking of a sentence into lines. */

/** Every line begins with `indent`, those after the first with two blanks more; a longer word has a line of its own. */
export function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const word of harmless(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${last === undefined ? '' : '  '}${word}`);
  }
  return lines;
}

/** What came over the network speaks to no terminal, and ends no line. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
