/** `postern reload`: has the running service reread its config and tables, and prints what came of it. */

import { realpathSync } from 'node:fs';
import { ask } from '../control/ask.ts';
import { asciiJson } from '../mail/json-text.ts';
import { callersFile, configFile, controlSocket, isShipped } from './places.ts';
import { whyUnasked } from './service-start.ts';
import { optionsAlone } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern reload [--config FILE] [--json]

Has the running service reread its config file and every table of the policy, as SIGHUP does, and prints what is to be
said of them. A broken file leaves the old configuration running. Sessions in flight are not disturbed.
It rereads the file that it was started with; with --config FILE only if that is this one.
Exit code 0 if the new configuration is in use, 1 if not, or if no service runs.

example: postern check && postern reload
`;

/** Large tables take seconds. */
const PATIENCE_MS = 60_000;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone(
    'reload',
    args,
    HELP,
    {
      json: { type: 'boolean', default: false },
      config: { type: 'string' },
    },
    (argument) => ` ${argument}: the service rereads the file that it was started with`,
  );
  if (values === null) return 0;
  const socket = controlSocket(process.env);
  if (values.config !== undefined) {
    const wanted = callersFile(values.config, process.env);
    const status = await ask(socket, 'status', PATIENCE_MS);
    if (status.kind === 'answered' && status.answer.config !== wanted)
      return refused(
        `the service has another config, ${status.answer.config}: to run with ${wanted} it has to be started with it`,
        values.json,
      );
  }
  const asked = await ask(socket, 'reload', PATIENCE_MS);
  if (asked.kind !== 'answered')
    return refused(whyUnasked(asked, configFile(values.config, process.env)), values.json);
  const { ok, config, told } = asked.answer;
  if (values.json) print(asked.answer);
  else if (ok)
    process.stdout.write(
      lines([...told, `reloaded ${config}`, ...ofOwn(config, values.config !== undefined)]),
    );
  else
    process.stderr.write(lines([...told, `postern: the old configuration goes on: ${config} was not taken`]));
  return ok ? 0 : 1;
}

/** Who has edited the file that commands take by themselves may think that it was this one. */
function ofOwn(config: string, isNamed: boolean): string[] {
  const own = configFile(undefined, process.env);
  if (isNamed || isShipped(own) || isSameFile(own, config)) return [];
  return [`the service was started with ${config}: ${own} is taken only when it is started with that`];
}

/** By another name, perhaps. */
function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

function refused(why: string, json: boolean): 1 {
  if (json) print({ ok: false, config: null, told: [why] });
  else process.stderr.write(lines([`postern: ${why}`]));
  return 1;
}

function print(answer: object): void {
  process.stdout.write(`${asciiJson(JSON.stringify(answer, null, 2))}\n`);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${harmless(text)}\n`).join('');
}
