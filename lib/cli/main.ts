#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=4 --heap-growing-percent=40 --v8-pool-size=1 --no-maglev --no-sparkplug --expose-gc
// These keep it small under load: see packaging/postern, which sets the same in a checkout.
/** Owns the command line: which subcommand, its usage errors and exit codes (0 good, 1 found something, 2 usage). */

import { VERSION } from '../version.ts';
import { nearest } from '../yaml/spelling.ts';
import { UsageError } from './usage.ts';

export interface Command {
  /** Returns the exit code; throws UsageError for words that it can't take. */
  run(args: readonly string[]): number | Promise<number>;
}

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: () => import('./run.ts'),
  check: () => import('./check.ts'),
  doctor: () => import('./doctor.ts'),
  explain: () => import('./explain.ts'),
  greylist: () => import('./greylist.ts'),
  import: () => import('./import.ts'),
  lists: () => import('./lists.ts'),
  reload: () => import('./reload.ts'),
  schema: () => import('./schema.ts'),
  top: () => import('./top.ts'),
};

const HELP = `postern ${VERSION}: a milter that guards the SMTP front door of Postfix and Sendmail

usage: postern COMMAND [OPTIONS]

  run [--config FILE] [--observe]   serve the MTA until told to stop
  check [--config FILE] [--json]    all problems of the config file, each with its line
  explain --client … | FILE         why a mail is let in or refused, rule by rule
  greylist list|show|stats [--json] what waits and what has passed, of whom what is known, what it cost
  greylist release|allow|forget     lets in what waits, delays somebody no more, forgets
  top [--once] [--json]             what is decided at this moment, live
  import postfix FILE|-             a postern.yaml that does what main.cf does
  import postgrey DIR…              likewise of postgrey, milter-greylist (FILE…) and policyd-spf (FILE);
                                    with --store nobody whom the greylister knows is delayed again
  lists [--json]                    how each DNS list is, and what to do about one that is not alive
  doctor [--json]                   looks at all that Postern depends on, and says what to type
  reload                            has the service reread its config and tables
  schema                            the JSON Schema of the config file, for editors

  COMMAND --help                    the options of a command, with an example
  --version (-V), --help (-h)

Without --config: $POSTERN_CONFIG, else /etc/postern/postern.yaml, else (in a checkout) etc/postern.yaml.
Exit codes: 0 good, 1 found something wrong, 2 wrong usage.
`;

async function main(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  switch (word) {
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case '--version':
    case '-V':
      if (rest.length > 0) throw new UsageError(`${word} stands alone; see: postern --help`);
      process.stdout.write(`postern ${VERSION}\n`);
      return 0;
    case undefined:
      process.stderr.write(HELP);
      return 2;
  }
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (command !== undefined) return (await command()).run(rest);
  const near = nearest(word, Object.keys(COMMANDS));
  const cure = near === null ? '' : `did you mean ${near}? `;
  throw new UsageError(`${word}: no such command; ${cure}see: postern --help`);
}

// `postern greylist list | head`: whoever reads has seen enough.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit();
  process.stderr.write(`postern: can't write the output: ${error.message}\n`);
  process.exit(1);
});
// A signal that comes while the rest is being loaded: `run` takes over from here.
if (process.argv[2] === 'run') process.on('SIGHUP', () => {});

try {
  process.exitCode = await main(process.argv.slice(2));
  // Whatever a log that nobody reads has left over must not keep a stopped service alive.
  if (process.argv[2] === 'run') process.exit();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`postern: ${error.message}\n`);
  process.exitCode = 2;
}
