/** Owns the layout of the report: labels, columns, and that a value is never more than text. */

const LABEL_WIDTH = 9;
/** Of one part: a hostile client may call itself anything, at any length. */
const LONGEST = 600;

/** `reply    451 4.7.1 …`, in one line. */
export function labelled(label: string, text: string): string[] {
  return [`${label.padEnd(LABEL_WIDTH)}${shown(text)}`];
}

/** One cell is a heading. The last cell may be parts, which are broken onto as many lines as they need. */
export function columns(rows: readonly (readonly (string | readonly string[])[])[]): string[] {
  const shownRows = rows.map((cells) => cells.map((cell) => (isParts(cell) ? broken(cell) : [shown(cell)])));
  const widths: number[] = [];
  for (const cells of shownRows) {
    if (cells.length < 2) continue;
    for (const [i, [cell = '']] of cells.slice(0, -1).entries())
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return shownRows.flatMap((cells) =>
    (cells.at(-1) ?? []).map((last, line) =>
      `  ${[...cells.slice(0, -1).map(([cell = '']) => (line === 0 ? cell : '')), last]
        .map((cell, i) => cell.padEnd(cells.length < 2 ? 0 : (widths[i] ?? 0)))
        .join('  ')}`.trimEnd(),
    ),
  );
}

/** Of what is broken: what the rules of a policy without lists have to say fits. */
const WIDTH = 100;

/** Joined by semicolons, at blanks; a longer word has a line of its own. */
function broken(parts: readonly string[]): string[] {
  const lines = [''];
  for (const word of parts.map(shown).join('; ').split(' ')) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function isParts(cell: string | readonly string[]): cell is readonly string[] {
  return typeof cell !== 'string';
}

/** Nothing in it ends the line or speaks to the terminal: `a\nb` → `a\x0ab`. */
export function shown(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, hex);
}

function hex(char: string): string {
  return `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`;
}
