/** Owns the text that a command is given: a file that is named, or standard input. */

import { readFileSync, statSync } from 'node:fs';
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
  try {
    const path = callersFile(name, process.env);
    const stat = statSync(path);
    if (!stat.isFile()) throw new UsageError(`${command}: ${name} is not a file`);
    if (stat.size > 4 * most) throw new UsageError(`${command}: ${name} is too large; is it the right file?`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${command}: can't read ${name} (${code})`, { cause: error });
  }
}
