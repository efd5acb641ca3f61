/** `postern greylist`: the administrator's hands on the greylist of the running service; one file each. */

import type { Command } from './main.ts';
import { nearest } from '../yaml/spelling.ts';
import { UsageError } from './usage.ts';

const HELP = `usage: postern greylist list [--client WHAT] [--sender WHAT] [--rcpt WHAT] [--state STATE] [--since WHEN]
       postern greylist show ADDRESS|NETWORK|HOST|DOMAIN|SENDER|RECIPIENT | SENDER RECIPIENT
       postern greylist release --sender WHAT …|--all
       postern greylist allow [WHAT [--for TIME] [--remove]]
       postern greylist forget --sender WHAT …|--all
       postern greylist stats [--since WHEN]
       each with [--config FILE] [--json], what only looks with [--store FILE]; and --help of its own

  list      what waits, what has passed
  show      all that is known of somebody, and when he gets in
  release   what waits gets in at its next try
  allow     somebody is delayed no more; without WHAT: who that is
  forget    the next try is a first one
  stats     what greylisting did, and what it cost whom

They are safe while the service runs: it alone writes, and is asked to. Where none runs, its database is changed itself.
Without --config the greylist of the service that runs is meant.
What could not be done is with --json an object too: {"ok":false,"why":"…"}.
Exit codes: 0 good, 1 it could not be done, or show, release, allow --remove and forget have found nothing, 2 wrong usage.

example: postern greylist show alice@example.net && postern greylist release --sender alice@example.net
`;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  list: () => import('./greylist-list.ts'),
  show: () => import('./greylist-show.ts'),
  release: () => change('release'),
  forget: () => change('forget'),
  allow: () => import('./greylist-allow.ts'),
  stats: () => import('./greylist-stats.ts'),
};

/** What others call `forget`; who is allowed is something else to be rid of. */
const TO_REMOVE = ['remove', 'delete', 'rm', 'del'];

async function change(what: 'release' | 'forget'): Promise<Command> {
  const { run: both } = await import('./greylist-change.ts');
  return { run: (args) => both(what, args) };
}

export async function run(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args;
  if (what === '--help' || what === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  const known = Object.keys(COMMANDS).join(', ');
  if (what === undefined || what.startsWith('-'))
    throw new UsageError(
      `greylist: say what: postern greylist list, or one of ${known}; see: postern greylist --help`,
    );
  const command = Object.hasOwn(COMMANDS, what) ? COMMANDS[what] : undefined;
  if (command === undefined)
    throw new UsageError(
      `greylist ${what}: no such command; ${instead(what, known)}; see: postern greylist --help`,
    );
  return (await command()).run(rest);
}

function instead(written: string, known: string): string {
  if (TO_REMOVE.includes(written.toLowerCase()))
    return 'did you mean forget? who is allowed is removed by: postern greylist allow WHAT --remove';
  const near = nearest(written, Object.keys(COMMANDS));
  return near === null ? `there are ${known}` : `did you mean ${near}?`;
}
