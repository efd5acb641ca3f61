/** `postern schema`: the JSON Schema of the config file. */

import { jsonSchema } from '../config/schema.ts';
import { parseOptions, UsageError } from './usage.ts';

const HELP = `usage: postern schema

Prints the JSON Schema of the config file: with it, editors complete its keys and underline mistakes.
What a schema can't say (networks, combinations, tables) only postern check knows.

example: postern schema > /etc/postern/postern.schema.json
`;

export function run(args: readonly string[]): number {
  const { values, positionals } = parseOptions('schema', args, {
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0)
    throw new UsageError(`schema: takes no argument ${positionals[0]}; see: postern schema --help`);
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
