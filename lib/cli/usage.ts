/** Owns the options that a command is given, and wrong usage: those that it does not have, and words that it can't take. */

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
  const given = optionsAndArguments(command, args, help, options);
  if (given === null) return null;
  const [argument] = given.positionals;
  if (argument !== undefined) throw new UsageError(`${command}: takes no argument${instead(argument)}`);
  return given.values;
}

/** Those of a command that takes arguments too. Null: it was asked for its help, and has printed it. */
export function optionsAndArguments<T extends Options>(
  command: string,
  args: readonly string[],
  help: string,
  options: T,
): Parsed<T & typeof HELP> | null {
  const given = parseOptions<T & typeof HELP>(command, args, { ...options, ...HELP });
  if (!('help' in given.values) || given.values.help !== true) return given;
  process.stdout.write(help);
  return null;
}

/** `parseArgs`, with its complaints as usage errors of this command. */
function parseOptions<T extends Options>(command: string, args: readonly string[], options: T): Parsed<T> {
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
