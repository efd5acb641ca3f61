/** Owns how the findings of `postern doctor` are laid out. */

import { isProse, type Severity } from '../doctor/diagnosis.ts';
import type { Examined } from '../doctor/examination.ts';
import { harmless, wrapped } from './wrapped.ts';

const WIDTH = 100;
const MARK_WIDTH = 9;
const INDENT = ' '.repeat(2 + MARK_WIDTH);

/** Commands are never broken, and stand behind `type:` alone: they are there to be copied. A cure that was said just before is not said again. */
export function doctorText(examined: readonly Examined[]): string {
  const lines: string[] = [];
  for (const { name, found } of examined) {
    let before = '';
    lines.push(name);
    for (const { severity, seen, cure } of found) {
      const [first = '', ...rest] = wrapped(seen, WIDTH, INDENT);
      lines.push(`  ${severity.padEnd(MARK_WIDTH)}${first.slice(INDENT.length)}`, ...rest);
      const told = cure.join('\n');
      if (told !== '' && told === before)
        lines.push(`${INDENT}${isProse(cure[0]!) ? 'do:  ' : 'type:'} as above`);
      else lines.push(...cure.flatMap(cureLines));
      if (told !== '') before = told;
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n${summary(examined)}\n`;
}

/** A row of commands, or of what is none, is named once. */
function cureLines(line: string, i: number, all: readonly string[]): string[] {
  const before = all[i - 1];
  const prose = isProse(line);
  const label = before !== undefined && isProse(before) === prose ? '' : prose ? 'do:' : 'type:';
  const text = prose ? line.replace(/^do: /, '') : harmless(line);
  const lines = prose ? wrapped(text, WIDTH, `${INDENT}      `) : [`${INDENT}      ${text}`];
  return lines.map(
    (each, n) => `${INDENT}${(n === 0 ? label : '').padEnd(6)}${each.slice(INDENT.length + 6)}`,
  );
}

function summary(examined: readonly Examined[]): string {
  const found = examined.flatMap((each) => each.found);
  const count = (wanted: Severity): number => found.filter(({ severity }) => severity === wanted).length;
  const [problems, warnings, notes] = [count('problem'), count('warning'), count('note')];
  if (problems + warnings === 0)
    return notes === 0 ? 'all is well' : `all is well (${plural(notes, 'note')})`;
  return [plural(problems, 'problem'), plural(warnings, 'warning'), plural(notes, 'note')].join(', ');
}

function plural(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
