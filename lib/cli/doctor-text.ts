/** Owns how the findings of `postern doctor` are laid out. */

import type { Severity } from '../doctor/diagnosis.ts';
import type { Examined } from '../doctor/examination.ts';
import { harmless, wrapped } from './wrapped.ts';

const WIDTH = 100;
const MARK_WIDTH = 9;
const INDENT = ' '.repeat(2 + MARK_WIDTH);

/** Commands are never broken: they are there to be copied. A cure that was said just before is not said again. */
export function doctorText(examined: readonly Examined[]): string {
  const lines: string[] = [];
  for (const { name, found } of examined) {
    let before = '';
    lines.push(name);
    for (const { severity, seen, cure } of found) {
      const [first = '', ...rest] = wrapped(seen, WIDTH, INDENT);
      lines.push(`  ${severity.padEnd(MARK_WIDTH)}${first.slice(INDENT.length)}`, ...rest);
      const told = cure.join('\n');
      if (told !== '' && told === before) lines.push(`${INDENT}type: as above`);
      else
        for (const [i, line] of cure.entries())
          lines.push(`${INDENT}${i === 0 ? 'type: ' : '      '}${harmless(line)}`);
      if (told !== '') before = told;
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n${summary(examined)}\n`;
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
