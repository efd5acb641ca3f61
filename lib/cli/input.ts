/** Owns the text that a command is given: a file that is named, or standard input. */

import { readRegularFile } from '../regular-file.ts';
import { callersFile } from './places.ts';
import { UsageError } from './usage.ts';

export interface Input {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

/** No name, or `-`: standard input, unless that is a terminal. Throws UsageError. */
export async function readInput(command: string, names: readonly string[], most: number): Promise<Input> {
  const [name = '-', ...more] = names;
  const see = `see: postern ${command} --help`;
  if (more.length > 0) throw new UsageError(`${command}: one file at a time; ${see}`);
  if (names.length === 0 && process.stdin.isTTY) throw new UsageError(`${command}: say what; ${see}`);
  const text = name === '-' ? await standardInput(most) : fileText(command, name, most);
  if (text.length > most) throw new UsageError(`${command}: ${name} is too large; is it the right file?`);
  if (text.trim() === '')
    throw new UsageError(`${command}: ${name === '-' ? 'nothing was given' : `${name} is empty`}; ${see}`);
  return { name: name === '-' ? 'standard input' : name, text };
}

async function standardInput(most: number): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > most) break;
  }
  return text;
}

function fileText(command: string, name: string, most: number): string {
  const read = readRegularFile(callersFile(name, process.env), 4 * most);
  if (read.ok) return read.text;
  switch (read.why) {
    case 'not a file':
      throw new UsageError(`${command}: ${name} is not a file`);
    case 'too large':
      throw new UsageError(`${command}: ${name} is too large; is it the right file?`);
    case 'missing':
    case 'not readable':
      throw new UsageError(`${command}: can't read ${name} (${read.code})`);
  }
}
