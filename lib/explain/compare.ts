/** Owns comparing what was heard with what a transcript expects. */

import type { Step } from './trace.ts';
import type { Exchange } from './transcript.ts';

/**
 * `anyName`: what the header calls this machine is a guess, so it counts for nothing. A header's date never does: it
 * is the time zone's.
 */
export function compared(step: Step, { reply, headers }: Exchange, anyName: boolean): Step {
  const differs: string[] = [];
  if (step.reply !== reply)
    differs.push(reply === null ? 'expected to be let through' : `expected S: ${reply}`);
  const plain = (field: string): string => {
    const undated = field.replace(/; .*$/, '');
    return anyName ? undated.replace(/ at \S+$/, '') : undated;
  };
  const heard = step.headers.map(plain);
  if (heard.length !== headers.length || headers.some((field, i) => plain(field) !== heard[i])) {
    if (headers.length === 0) differs.push('expected no header');
    for (const field of headers) differs.push(`expected H: ${field}`);
  }
  return { ...step, differs };
}
