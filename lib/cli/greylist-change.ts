/** `postern greylist release` and `forget`: what waits gets in at its next try; what is known is unknown again. */

import { FILTER_HELP, FILTER_OPTIONS, readFilters } from './greylist-filters.ts';
import { give } from './greylist-order.ts';
import { told } from './greylist-place.ts';
import { printJson } from './print.ts';
import { optionsAlone, UsageError } from './usage.ts';

type Change = 'release' | 'forget';

const HELP: Readonly<Record<Change, string>> = {
  release: `usage: postern greylist release --client WHAT | --sender WHAT | --rcpt WHAT | --since AGE | --all
                                [--config FILE] [--json]

Lets in at their next try, at once, all triplets that wait and fit all that is given. The running service does it; where
none runs, it is done in the database. What fits is shown by: postern greylist list --state waiting, with the same
options. Exit code 0 if there were any, 1 if none fits.
${FILTER_HELP}  --all           all that waits

example: postern greylist release --sender alice@example.net
`,
  forget: `usage: postern greylist forget --client WHAT | --sender WHAT | --rcpt WHAT | --state STATE
                               | --since AGE | --all [--config FILE] [--json]

Forgets the triplets that fit all that is given, waiting or passed, as if they had never come: their next try is a first
one. Who is allowed stays allowed (postern greylist allow --remove). What fits is shown by: postern greylist list, with
the same options. Exit code 0 if there were any, 1 if none fits.
${FILTER_HELP}  --all           the whole greylist

example: postern greylist forget --client 192.0.2.10
`,
};

const DONE: Readonly<Record<Change, (triplets: string) => string>> = {
  release: (triplets) => `released ${triplets}: the next try gets in at once`,
  forget: (triplets) => `forgot ${triplets}: the next try is a first one`,
};

export async function run(change: Change, args: readonly string[]): Promise<number> {
  const command = `greylist ${change}`;
  const values = optionsAlone(
    command,
    args,
    HELP[change],
    {
      ...FILTER_OPTIONS,
      all: { type: 'boolean', default: false },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    (argument) => ` ${argument}; write ${optionFor(argument)} ${argument}`,
  );
  if (values === null) return 0;
  const filter = readFilters(command, values, Date.now());
  if (values.all && filter !== null) throw new UsageError(`${command}: --all, or which: not both`);
  if (!values.all && filter === null)
    throw new UsageError(
      `${command}: say which: --sender alice@example.net, --client 192.0.2.10 …, or --all`,
    );
  if (change === 'release' && values.state !== undefined && values.state !== 'waiting')
    throw new UsageError(`${command}: --state ${values.state}: only what waits can be released`);
  const wanted = change === 'release' ? { ...filter, state: 'waiting' as const } : (filter ?? {});
  return told(async () => {
    const { count } = await give(command, { do: change, wanted }, values.config);
    if (values.json)
      await printJson({ ok: count > 0, [change === 'release' ? 'released' : 'forgotten']: count });
    else if (count > 0)
      process.stdout.write(`${DONE[change](count === 1 ? '1 triplet' : `${count} triplets`)}\n`);
    else process.stderr.write(change === 'release' ? 'no waiting triplet fits\n' : 'no triplet fits\n');
    return count > 0 ? 0 : 1;
  });
}

function optionFor(argument: string): '--sender' | '--client' {
  return argument.includes('@') ? '--sender' : '--client';
}
