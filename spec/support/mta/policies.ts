/**
 * The service many times in one process, as a program: one daemon for each config file that the file it is given names,
 * one a line. Each is the daemon of `postern run`; only a process of its own is spared. Prints `ready` when all listen.
 */

import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../lib/config/load-config.ts';
import { formatProblem } from '../../../lib/yaml/problem.ts';
import { Daemon } from '../../../lib/daemon/daemon.ts';

const stateDirectory = '/nonexistent';
const output = { write: (line: string): void => void process.stdout.write(line) };

const daemons: Daemon[] = [];
for (const configFile of readFileSync(process.argv[2]!, 'utf8').trim().split('\n')) {
  const loaded = loadConfig(configFile, stateDirectory);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const rest = { observe: false, output, env: process.env };
  const options = { configFile, stateDirectory, loadedMs: Date.now(), ...rest };
  daemons.push(await Daemon.start(options, loaded.config, []));
}
process.on('SIGTERM', () => {
  void Promise.all(daemons.map((daemon) => daemon.stop('SIGTERM'))).then(() => process.exit());
});
output.write('ready\n');
