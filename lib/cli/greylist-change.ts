/** `postern greylist release` and `forget`: what waits gets in at its next try; what is known is unknown again. */

import type { ListFilter } from '../greylist/listing.ts';
import type { Subject } from '../greylist/triplet.ts';
import { MOST_TOLD } from '../greylist/triplet.ts';
import type { Done } from '../control/greylist-order.ts';
import { FILTER_HELP, FILTER_OPTIONS, readFilters, WAITING_FILTER_HELP } from './greylist-filters.ts';
import { give } from './greylist-order.ts';
import { told } from './greylist-place.ts';
import { printJson, printLines } from './print.ts';
import { optionsAlone, UsageError } from './usage.ts';

type Change = 'release' | 'forget';

const HELP: Readonly<Record<Change, string>> = {
  release: `usage: postern greylist release --client WHAT | --sender WHAT | --rcpt WHAT | --since WHEN | --all
                                [--config FILE] [--json]

Lets in at their next try, at once, all triplets that wait and fit all that is given: from where they came before (SPF
domain, confirmed name, network), and for the time of retry_window once from elsewhere, by a client that no list, SPF or
name speaks against. The running service does it; where none runs, it is done in the database. What fits is shown by:
postern greylist list --state waiting, with the same options. Exit code 0 if there were any, 1 if none fits.
${WAITING_FILTER_HELP}  --all           all that waits

example: postern greylist release --sender alice@example.net
`,
  forget: `usage: postern greylist forget --client WHAT | --sender WHAT | --rcpt WHAT | --state STATE
                               | --since WHEN | --all [--config FILE] [--json]

Forgets the triplets that fit all that is given, waiting or passed, as if they had never come: their next try is a
first one. With --sender and --rcpt alone, or --all, also that they may answer mail of ours without delay
(learn_outbound), until one of us writes to them again. Who is allowed stays allowed (postern greylist allow --remove).
What fits is shown by: postern greylist list, and list --answers, with the same options. Exit code 0 if there was any,
1 if nothing fits.
${FILTER_HELP}  --all           the whole greylist

example: postern greylist forget --client 192.0.2.10
`,
};

const SAYS: Readonly<Record<Change, (done: Done) => readonly string[]>> = {
  release: ({ count, subjects }) => [`released ${triplets(count)}: ${nextTry(count, subjects)}`],
  forget: ({ count, answers }) => [
    ...(count === 0 ? [] : [`forgot ${triplets(count)}: the next try is a first one`]),
    ...(answers === 0
      ? []
      : [`forgot ${answers === 1 ? '1 answer' : `${answers} answers`} to mail of ours: they wait again`]),
  ],
};

function triplets(count: number): string {
  return count === 1 ? '1 triplet' : `${count} triplets`;
}

/** `origins`: where they came from, as many as are told. */
function nextTry(count: number, origins: readonly Subject[]): string {
  if (origins.length === 0 || origins.length >= MOST_TOLD) return 'the next try of each gets in at once';
  const from = origins.map(({ kind, value }) => `${kind} ${value}`);
  // Others of a pool that nothing but its networks is known of may come from anywhere.
  const elsewhere = origins.every(({ kind }) => kind === 'network')
    ? ', and once from elsewhere if nothing speaks against the client'
    : '';
  if (count > 1)
    return `the next try of each from where it came (${from.join(', ')}) gets in at once${elsewhere}`;
  return `its next try from ${EITHER.format(from)} gets in at once${elsewhere}`;
}

/** `a, b or c`. */
const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function nothingFits(change: Change, wanted: ListFilter): string {
  if (change === 'release') return 'no waiting triplet fits';
  const { origin, state, sinceMs } = wanted;
  const isOfAnswers = origin === undefined && state === undefined && sinceMs === undefined;
  return isOfAnswers ? 'no triplet fits, and no answer to mail of ours' : 'no triplet fits';
}

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
  return told(values.json, async () => {
    const done = await give(command, { do: change, wanted }, values.config, values.json);
    const { count, answers, subjects } = done;
    const ok = count + answers > 0;
    if (values.json)
      await printJson(
        change === 'release' ? { ok, released: count, origins: subjects } : { ok, forgotten: count, answers },
      );
    else if (ok) await printLines(SAYS[change](done));
    else process.stderr.write(`${nothingFits(change, wanted)}\n`);
    return ok ? 0 : 1;
  });
}

function optionFor(argument: string): '--sender' | '--client' {
  return argument.includes('@') ? '--sender' : '--client';
}
