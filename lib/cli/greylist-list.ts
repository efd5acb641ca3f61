/** `postern greylist list`: the triplets that fit, or who may answer whom. */

import { spelledBy } from '../greylist/former-spelling.ts';
import type { ListedTriplet, ListFilter } from '../greylist/listing.ts';
import type { OpenAnswer } from '../greylist/store.ts';
import { FILTER_HELP, FILTER_OPTIONS, readFilters } from './greylist-filters.ts';
import { STORE_HELP, withGreylist, type Source } from './greylist-place.ts';
import { printLongTable } from './long-table.ts';
import { isoTime, localTime, printJson } from './print.ts';
import { optionsAlone, UsageError } from './usage.ts';

const HELP = `usage: postern greylist list [--client WHAT] [--sender WHAT] [--rcpt WHAT] [--state STATE] [--since WHEN]
                             [--config FILE | --store FILE] [--json]
       postern greylist list --answers [--sender WHAT] [--rcpt WHAT] [--config FILE | --store FILE] [--json]

What waits and what has passed, in the order of first sight. A database is read whether the service runs or not. Exit
code 0 also where nothing fits.
${FILTER_HELP}  --answers       who may answer whom without delay, since one of us has written to him (learn_outbound)
${STORE_HELP}  --json          one object a line; times are ISO 8601

example: postern greylist list --client 192.0.2.10 --state waiting
`;

export async function run(args: readonly string[]): Promise<number> {
  const values = optionsAlone(
    'greylist list',
    args,
    HELP,
    {
      ...FILTER_OPTIONS,
      answers: { type: 'boolean', default: false },
      config: { type: 'string' },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    (argument) => ` ${argument}; write --sender ${argument}, or: postern greylist show ${argument}`,
  );
  if (values === null) return 0;
  const { answers, client, state, since } = values;
  if (answers && (client ?? state ?? since) !== undefined)
    throw new UsageError('greylist list: of answers nothing but --sender and --rcpt is known');
  const nowMs = Date.now();
  const filter = readFilters('greylist list', values, nowMs) ?? {};
  return withGreylist(values, async (source) => {
    if (answers) await listAnswers(source.answers(filter, nowMs), values.json);
    else if ((await listTriplets(source.list(filter, nowMs), values.json)) === 0)
      process.stderr.write(`no triplet fits${await answersBesides(source, filter, nowMs)}\n`);
    return 0;
  });
}

async function listTriplets(triplets: AsyncIterable<ListedTriplet>, json: boolean): Promise<number> {
  if (json) return printEach(triplets, tripletJson);
  const head = ['state', 'first seen', 'last try', 'tries', 'expires', 'sender', 'recipient', 'origins'];
  return printLongTable(head, each(triplets, asCells));
}

async function listAnswers(answers: AsyncIterable<OpenAnswer>, json: boolean): Promise<void> {
  const found = await (json
    ? printEach(answers, answerJson)
    : printLongTable(
        ['until', 'sender', 'may answer'],
        each(answers, ({ untilMs, sender, recipient }) => [localTime(untilMs), sender, recipient]),
      ));
  if (found === 0) process.stderr.write('nobody may answer\n');
}

/** Of whom no triplet is remembered he may be let in all the same. */
async function answersBesides(source: Source, filter: ListFilter, nowMs: number): Promise<string> {
  if (Object.keys(filter).length === 0) return '';
  for await (const _ of source.answers(filter, nowMs))
    return '; but some may answer mail of ours: postern greylist list --answers';
  return '';
}

async function printEach<T>(rows: AsyncIterable<T>, asJson: (row: T) => object): Promise<number> {
  let count = 0;
  for await (const row of rows) {
    count++;
    await printJson(asJson(row), 0);
  }
  return count;
}

async function* each<T, U>(rows: AsyncIterable<T>, made: (row: T) => U): AsyncGenerator<U> {
  for await (const row of rows) yield made(row);
}

/** `released`: nothing has passed yet, but its next try does. */
export function shownState({ state, released }: ListedTriplet): string {
  return released && state === 'passed' ? 'released' : state;
}

function asCells(triplet: ListedTriplet): string[] {
  const { firstMs, lastMs, tries, expiresMs, sender, recipient, origins } = triplet;
  const by = spelledBy(sender);
  return [
    shownState(triplet),
    localTime(firstMs),
    localTime(lastMs),
    String(tries),
    localTime(expiresMs),
    sender,
    recipient,
    origins.map(({ kind, value }) => `${kind} ${value}`).join(', ') +
      (by === null ? '' : `  (sender as ${by} spells it)`),
  ];
}

/** Times are ISO 8601; `spelling`: another greylister's, from which it was imported. */
export function tripletJson(triplet: ListedTriplet): Record<string, unknown> {
  const by = spelledBy(triplet.sender);
  return {
    state: triplet.state,
    first: isoTime(triplet.firstMs),
    last: isoTime(triplet.lastMs),
    expires: isoTime(triplet.expiresMs),
    tries: triplet.tries,
    delayed: triplet.delayedSeconds,
    ...(triplet.released ? { released: true } : {}),
    origins: triplet.origins,
    sender: triplet.sender,
    ...(by === null ? {} : { spelling: by }),
    recipient: triplet.recipient,
  };
}

export function answerJson({ sender, recipient, untilMs }: OpenAnswer): Record<string, unknown> {
  return { sender, recipient, until: isoTime(untilMs) };
}
