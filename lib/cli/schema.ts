/** `postern schema`: the JSON Schema of the config file. */

import { jsonSchema } from '../config/schema.ts';
import { optionsAlone } from './usage.ts';

const HELP = `usage: postern schema

Prints the JSON Schema of the config file: with it, editors complete its keys and underline mistakes.
What a schema can't say (networks, combinations, tables) only postern check knows.

example: postern schema > /etc/postern/postern.schema.json
`;

export function run(args: readonly string[]): number {
  if (optionsAlone('schema', args, HELP, {}) === null) return 0;
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
