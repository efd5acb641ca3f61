/** `postern check`: every problem of the config file and of its tables at once. */

import { everyProblem } from '../config/every-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Problem } from '../yaml/problem.ts';
import { withLines } from './offending-line.ts';
import { thisMachine } from './machine.ts';
import { configFile, stateToRead } from './places.ts';
import { optionsAlone } from './usage.ts';

const HELP = `usage: postern check [--config FILE] [--json]

Prints every problem of the config file and of the tables that its policy names as file:line:column: what is wrong; what to
write instead, with the line and a ^ below its place.
A directory, user or group that it names and that is not there is an error, as at a start; a directory below /run, which
systemd may make for it, is a warning.
Exit code 1 if there is an error, 0 if there is none (warnings alone do not count).

example: postern check --config /etc/postern/postern.yaml
`;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone(
    'check',
    args,
    HELP,
    {
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    (argument) => `; for another file: postern check --config ${argument}`,
  );
  if (values === null) return 0;
  const file = configFile(values.config, process.env);
  const { ok, problems } = await judge(file);
  if (values.json) process.stdout.write(`${JSON.stringify({ file, ok, problems }, null, 2)}\n`);
  else if (problems.length > 0) process.stdout.write(`${withLines(problems).join('\n')}\n`);
  else process.stdout.write(`${file}: no problems found\n`);
  return ok ? 0 : 1;
}

async function judge(file: string): Promise<{ ok: boolean; problems: readonly Problem[] }> {
  const problems = await everyProblem(file, loadConfig(file, stateToRead(process.env), thisMachine));
  return { ok: !problems.some(({ severity }) => severity === 'error'), problems };
}
