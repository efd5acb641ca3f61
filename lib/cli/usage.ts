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

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;

/**
 * The options of a command that takes no argument. Null: it was asked for its help, and has printed it. `instead`: what to
 * say to an argument, with a reason or a cure.
 */
export function optionsAlone<T extends Options>(
  command: string,
  args: readonly string[],
  help: string,
  options: T,
  instead = (argument: string): string => ` ${argument}; see: postern ${command} --help`,
): Parsed<T & typeof HELP>['values'] | null {
  const { values, positionals } = parseOptions<T & typeof HELP>(command, args, { ...options, ...HELP });
  const [argument] = positionals;
  if ('help' in values && values.help === true) {
    process.stdout.write(help);
    return null;
  }
  if (argument !== undefined) throw new UsageError(`${command}: takes no argument${instead(argument)}`);
  return values;
}

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
