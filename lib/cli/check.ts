/** `postern check`: every problem of the config file at once. */

import { loadConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/problem.ts';
import type { Problem } from '../config/problem.ts';
import { configFile, stateDirectory } from './places.ts';
import { parseOptions, UsageError } from './usage.ts';

const HELP = `usage: postern check [--config FILE] [--json]

Prints every problem of the config file as file:line:column: what is wrong; what to write instead.
Exit code 1 if there is an error, 0 if there is none (warnings alone do not count).

example: postern check --config /etc/postern/postern.yaml
`;

export function run(args: readonly string[]): number {
  const { values, positionals } = parseOptions('check', args, {
    config: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0) {
    throw new UsageError(
      `check: takes no argument; for another file: postern check --config ${positionals[0]}`,
    );
  }
  const file = configFile(values.config, process.env);
  const loaded = loadConfig(file, stateDirectory(process.env));
  const problems: readonly Problem[] = loaded.ok ? loaded.warnings : loaded.problems;
  if (values.json) process.stdout.write(`${JSON.stringify({ file, ok: loaded.ok, problems }, null, 2)}\n`);
  else if (problems.length > 0) process.stdout.write(`${problems.map(formatProblem).join('\n')}\n`);
  else process.stdout.write(`${file}: no problems found\n`);
  return loaded.ok ? 0 : 1;
}
