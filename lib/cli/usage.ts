/** Owns wrong usage: options that a command does not have, and words that it can't take. */

import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** `message` says what is wrong and what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/** `parseArgs`, with its complaints as usage errors of this command. */
export function parseOptions<T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node explains at length how to pass positionals that begin with a dash; the first sentence is what helps.
    const [what = error.message] = error.message.split('. ');
    throw new UsageError(`${command}: ${what.replace(/\.$/, '')}; see: postern ${command} --help`, {
      cause: error,
    });
  }
}
