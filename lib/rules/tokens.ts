/** Owns the cutting of a line of main.cf into its words. */

export interface Token {
  readonly text: string;
  /** Where it begins in the text, in UTF-16 code units. */
  readonly within: number;
}

/**
 * Blanks and commas separate; what begins with `{` or holds one (`inline:{…}`) goes on to its closing brace, and the
 * bracket of a list's pattern (`=127.0.0.[ 2..4; 9 ]`) to its own.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let start = -1;
  let braces = 0;
  let pattern = false;
  let bracketEnd = -1;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i] ?? ' ';
    if (char === '{') braces++;
    else if (char === '}') braces = Math.max(0, braces - 1);
    else if (char === '=') pattern = true;
    else if (char === '[' && pattern && braces === 0) bracketEnd = closing(text, i);
    const separates = (braces === 0 && i > bracketEnd && /[\s,]/.test(char)) || i === text.length;
    if (!separates && start < 0) start = i;
    if (!separates || start < 0) continue;
    tokens.push({ text: text.slice(start, i), within: start });
    start = -1;
    pattern = false;
  }
  return tokens;
}

/** -1 where another bracket opens first or none closes: then it is a slip, and the next words are words. */
function closing(text: string, open: number): number {
  const next = /[[\]]/g;
  next.lastIndex = open + 1;
  const found = next.exec(text);
  return found?.[0] === ']' ? found.index : -1;
}
