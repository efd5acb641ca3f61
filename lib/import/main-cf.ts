/** Owns the reading of main.cf as text: comments, continued lines, `name = value`; the last setting of a name counts. */

import { MarkedText, type Piece } from './marked-text.ts';
import { withoutMarks } from './open-name.ts';

export interface Setting {
  readonly name: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  /** Without `$` replaced. */
  readonly value: MarkedText;
}

/** Something to say about a line. */
export interface LineNote {
  readonly line: number;
  readonly text: string;
  /** Postfix itself would refuse it, or does not know it. */
  readonly wrong?: true;
}

export interface MainCf {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly notes: readonly LineNote[];
}

/** Never throws. Also reads what `postconf -n` prints. */
export function readMainCf(text: string): MainCf {
  const settings = new Map<string, Setting>();
  const notes: LineNote[] = [];
  for (const { line, pieces } of logicalLines(text, notes)) {
    const [, name, start] = /^([A-Za-z0-9_.-]+)(\s*=\s*)/.exec(pieces[0]!.text) ?? [];
    if (name === undefined || start === undefined) {
      notes.push({
        line,
        text: 'this is no "name = value": Postfix ignores it or refuses to start, and so it is left out',
        wrong: true,
      });
      continue;
    }
    const before = settings.get(name);
    if (before !== undefined)
      notes.push({
        line: before.line,
        text: `${name} is set again on line ${line}: Postfix takes the later one, and so does this import`,
      });
    const [first, ...rest] = pieces;
    const value = [{ line, text: first!.text.slice(name.length + start.length) }, ...rest];
    settings.set(name, { name, line, value: new MarkedText(value) });
  }
  return { settings, notes };
}

interface LogicalLine {
  readonly line: number;
  readonly pieces: Piece[];
}

/** As readlline(3) of Postfix: white space continues the line before, comments and blank lines do not end it. */
function logicalLines(text: string, notes: LineNote[]): LogicalLine[] {
  const found: LogicalLine[] = [];
  let before = 0;
  for (const [i, written] of withoutMarks(text)
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const physical = written.replace(/\r$/, '');
    const line = i + 1;
    if (/^\s*(?:#|$)/.test(physical)) continue;
    const last = found.at(-1);
    if (!/^\s/.test(physical)) found.push({ line, pieces: [{ text: physical, line }] });
    else if (last === undefined)
      notes.push({
        line,
        text: 'this line begins with white space but continues nothing: it is left out',
        wrong: true,
      });
    // The line break was white space too.
    else {
      last.pieces.push({ text: ` ${physical.trim()}`, line });
      if (/^\s+\w+\s+=\s/.test(physical))
        notes.push({
          line,
          text: `this line begins with a blank: it continues line ${before}, and is no setting of its own`,
        });
    }
    before = line;
  }
  return found;
}
