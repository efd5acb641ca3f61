/** `postern run`: serves the MTA until SIGTERM; SIGHUP rereads the config. */

import { closeSync, openSync } from 'node:fs';
import { loadConfig } from '../config/load-config.ts';
import { Daemon } from '../daemon/daemon.ts';
import { giveBackMemory } from '../give-back.ts';
import { BrokenTables } from '../daemon/tables-of.ts';
import { formatProblem } from '../yaml/problem.ts';
import { StoreError } from '../greylist/store.ts';
import { createLog } from '../observe/log.ts';
import { standardOutput } from '../observe/standard-output.ts';
import { StartError } from '../server/fault.ts';
import { thisMachine } from './machine.ts';
import { configFile, makeStateDirectory, stateDirectory } from './places.ts';
import { optionsAlone } from './usage.ts';

const HELP = `usage: postern run [--config FILE] [--observe]

Serves the MTA until SIGTERM or SIGINT: then no new connections are taken, transactions get 10 s to end.
SIGHUP (or postern reload) rereads the config file; a broken one leaves the old one running, and the log says why.

  --config FILE   the config file (see postern --help for where it is looked for)
  --observe       decide and log, but let everything through

example: postern run --config /etc/postern/postern.yaml --observe
`;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone('run', args, HELP, {
    config: { type: 'string' },
    observe: { type: 'boolean', default: false },
  });
  if (values === null) return 0;

  const file = configFile(values.config, process.env);
  const state = stateDirectory(process.env);
  const loadedMs = Date.now();
  const loaded = loadConfig(file, state);
  if (!loaded.ok)
    return fail([...((await problemsOf(file, state)) ?? loaded.problems.map(formatProblem)), NOT_STARTED]);
  makeStateDirectory(state);

  // What ps, pgrep and systemctl status show.
  process.title = 'postern';
  const output = standardOutput();
  // Heard from the start: a SIGHUP that comes while the store is being opened must not end the process.
  const signals = new Signals();
  // A bug must not stop mail: it is told, and the session that it happened in ends by its deadline. From before the
  // start on, as sockets fail in their own time.
  const timestamps = process.env['JOURNAL_STREAM'] === undefined;
  let sink = createLog({ ...loaded.config.log, timestamps }, output);
  const told = (error: unknown): void => sink({ kind: 'bug', where: 'event loop', error });
  try {
    process.on('uncaughtException', told);
    const daemon = await Daemon.start(
      {
        ...{ configFile: file, stateDirectory: state, loadedMs },
        ...{ observe: values.observe, output, machine: thisMachine, env: process.env },
      },
      loaded.config,
      loaded.warnings.map(formatProblem),
    );
    ({ sink } = daemon);
    giveBackMemory();
    await daemon.stop(await signals.untilStopped(() => daemon.reload()));
    return 0;
  } catch (error) {
    if (error instanceof BrokenTables) return fail([...error.problems, NOT_STARTED]);
    // Of several things that are missing, a start meets one.
    if (error instanceof StartError || error instanceof StoreError)
      return fail(await whyNot(error, file, state));
    process.off('uncaughtException', told);
    throw error;
  } finally {
    await flushed(output);
  }
}

const NOT_STARTED =
  'postern: not started; until these are mended the MTA does with all mail what its default_action says';

/** What is in use may be so by a Postern that runs, and serves the MTA. */
async function whyNot({ message }: Error, file: string, state: string): Promise<string[]> {
  const problems = await problemsOf(file, state);
  if (problems !== null) return [...problems, NOT_STARTED];
  return [`postern: ${message}`, `${NOT_STARTED}, unless another Postern serves it`];
}

/** All of them, as `postern check` tells them: what this machine lacks, too. Null: none that keeps it from a start. */
async function problemsOf(file: string, state: string): Promise<string[] | null> {
  // Only now: see daemon/tables-of.ts.
  const { everyProblem } = await import('../config/every-problem.ts');
  const problems = await everyProblem(file, loadConfig(file, state, thisMachine));
  return problems.some(({ severity }) => severity === 'error') ? problems.map(formatProblem) : null;
}

/** What was said last gets five seconds to be written: a full pipe is tried again ten times a second, and nobody may be reading. */
async function flushed(output: ReturnType<typeof standardOutput>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LAST_WORDS_MS);
  output.finish(resolve);
  await promise;
  clearTimeout(timer);
  output.destroy();
}

const GATHER_MS = 100;
const LAST_WORDS_MS = 5000;

/** The signals of an administrator, remembered until somebody listens. */
class Signals {
  readonly #stop = Promise.withResolvers<string>();
  #reload: (() => Promise<unknown>) | null = null;
  #reloadWanted = false;
  #busy = false;
  /** Started by hand, with its log on the screen. */
  readonly #terminal = process.stdout.isTTY;

  constructor() {
    // A second SIGTERM or SIGINT ends it at once, as with any program.
    process.once('SIGTERM', () => this.#stop.resolve('SIGTERM'));
    process.once('SIGINT', () => this.#stop.resolve('SIGINT'));
    process.on('SIGHUP', this.#hangUp);
  }

  /** Runs `reload` at each SIGHUP, one at a time; returns the signal that stops us. Never rejects. */
  async untilStopped(reload: () => Promise<unknown>): Promise<string> {
    this.#reload = reload;
    if (this.#reloadWanted) this.#hangUp();
    const why = await this.#stop.promise;
    // Still heard, so that it does not kill us in the middle of a transaction; but there is nothing left to reload.
    this.#reload = null;
    return why;
  }

  /** Signals come in bursts, each before the work of the last has begun: one reload is for all of them. */
  readonly #hangUp = (): void => {
    if (this.#terminal && terminalIsGone()) {
      this.#stop.resolve('the terminal it was started in is gone');
      return;
    }
    this.#reloadWanted = true;
    if (this.#busy || this.#reload === null) return;
    this.#busy = true;
    setTimeout(() => void this.#reloadUntilDone(), GATHER_MS);
  };

  async #reloadUntilDone(): Promise<void> {
    while (this.#reloadWanted && this.#reload !== null) {
      this.#reloadWanted = false;
      await this.#reload();
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
    this.#busy = false;
  }
}

/** A terminal that is closed hangs up on what was started in it: to go on unseen would help nobody. */
function terminalIsGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

function fail(lines: readonly string[]): number {
  process.stderr.write(`${lines.join('\n')}\n`);
  return 1;
}
