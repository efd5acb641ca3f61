/** Owns the layout of the report: labels, columns, and that a value is never more than text. */

const LABEL_WIDTH = 9;
/** A hostile client may call itself anything, at any length. */
const LONGEST = 600;

/** `reply    451 4.7.1 …`, in one line. */
export function labelled(label: string, text: string): string[] {
  return [`${label.padEnd(LABEL_WIDTH)}${shown(text)}`];
}

export function columns(rows: readonly (readonly string[])[]): string[] {
  const shownRows = rows.map((cells) => cells.map(shown));
  const widths: number[] = [];
  for (const cells of shownRows) {
    // One cell is a heading.
    if (cells.length < 2) continue;
    for (const [i, { length }] of cells.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, length);
  }
  return shownRows.map((cells) =>
    `  ${cells.map((cell, i) => cell.padEnd(cells.length < 2 ? 0 : (widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
}

/** Nothing in it ends the line or speaks to the terminal: `a\nb` → `a\x0ab`. */
export function shown(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, hex);
}

function hex(char: string): string {
  return `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`;
}
