/** `postern greylist allow`: who need not wait: says so, takes it back, or shows who they are. */

import type { Standing } from '../greylist/standing.ts';
import { FOR_EVER_MS } from '../greylist/store.ts';
import { mayEarn } from '../greylist/weigh.ts';
import { MOST_TOLD, type Subject } from '../greylist/triplet.ts';
import { blocksOf, type Block } from './blocks.ts';
import { readAge } from './greylist-filters.ts';
import { give } from './greylist-order.ts';
import { configOf, STORE_HELP, told, withGreylist, type Wanted } from './greylist-place.ts';
import { isoTime, localTime, print, printJson } from './print.ts';
import { optionsAndArguments, UsageError } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern greylist allow WHAT [--for TIME] [--remove]
       postern greylist allow [--all] [--store FILE]
       each with [--config FILE] [--json]

Delays WHAT no more, whatever else is known of it, for ever or for a time. WHAT is

  192.0.2.10            an address; of IPv6 its /64; also as the log shows a client: mx.example.net[192.0.2.10]
  192.0.2.0/24          a network; one that is not of greylist: ipv4_prefix or ipv6_prefix is taken as the networks or
                        addresses that it consists of, at most 256
  example.com           an organisation: who sends for this domain, as SPF shows, and all hosts whose confirmed name is
                        below it; the name of one host is not known by itself
  spf:news.example.com  only who sends for this domain, as SPF shows
  ptr:example.com       only the hosts

The running service does it; where none runs, it is done in the database. A client on a DNS list that refuses is delayed
all the same. Without WHAT: who is allowed, by you (granted) or because enough of his triplets have passed (earned).

  --for TIME      only so long: 12h, 30d; what was earned before is replaced, and has to be earned again after that
  --remove        no more; also what was earned; names who is not delayed all the same, being in a network or domain
                  that is allowed. Exit code 1 if there was nothing
  --all           also those that have not earned it yet
${STORE_HELP}  --json          one object; of the list one object a line, and of several networks allowed as one each of them

example: postern greylist allow example.com --for 30d
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = optionsAndArguments('greylist allow', args, HELP, {
    for: { type: 'string' },
    remove: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    config: { type: 'string' },
    store: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (given === null) return 0;
  const { values, positionals } = given;
  const [whom, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError('greylist allow: one at a time; see: postern greylist allow --help');
  if (whom === undefined) {
    if (values.for !== undefined || values.remove)
      throw new UsageError('greylist allow: say whom: an address, a network or a domain');
    return list(values, values.all, values.json);
  }
  if (values.store !== undefined)
    throw new UsageError('greylist allow: --store is for the list, without WHAT: nothing is written to it');
  if (values.all) throw new UsageError('greylist allow: --all is for the list, without WHAT');
  if (values.remove && values.for !== undefined)
    throw new UsageError('greylist allow: --remove, or --for how long: not both');
  if (whom.length > 600) throw new UsageError('greylist allow: that is too long for a domain');
  const untilMs = values.for === undefined ? null : Date.now() + readAge('greylist allow', 'for', values.for);
  return told(values.json, () =>
    values.remove
      ? remove(whom, values.config, values.json)
      : grant(whom, untilMs, values.config, values.json),
  );
}

async function grant(
  whom: string,
  untilMs: number | null,
  config: string | undefined,
  json: boolean,
): Promise<number> {
  const { subjects } = await give('greylist allow', { do: 'allow', whom, untilMs }, config, json);
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  if (json) await printJson({ ok: true, allowed: subjects, until });
  else
    await print(
      lines([
        `${untilMs === null ? 'for ever' : `until ${localTime(untilMs)}`} these are not delayed:`,
        ...blocksOf(subjects).map((block) => `  ${shownBlock(block)}`),
      ]),
    );
  return 0;
}

async function remove(whom: string, config: string | undefined, json: boolean): Promise<number> {
  const done = await give('greylist allow', { do: 'withdraw', whom }, config, json);
  const { count, subjects, still = [] } = done;
  if (json) await printJson({ ok: count > 0, removed: count, still });
  else if (count > 0)
    await print(
      lines([
        'delayed again:',
        ...blocksOf(subjects).map(
          (block) => `  ${shownBlock(block)}${mayEarn(block.subject) ? ', until it earns it' : ''}`,
        ),
        ...stillText('but these are allowed still, and not delayed:', still),
      ]),
    );
  else
    process.stderr.write(
      lines([
        `${whom} was not allowed, and had earned nothing`,
        ...stillText('but these are allowed, and not delayed:', still),
      ]),
    );
  return count > 0 ? 0 : 1;
}

function stillText(head: string, still: readonly Subject[]): string[] {
  if (still.length === 0) return [];
  const rows = still.map(
    (subject) => `  ${shownSubject(subject).padEnd(40)}  postern greylist allow ${typed(subject)} --remove`,
  );
  return [head, ...rows, ...(still.length < MOST_TOLD ? [] : ['  and perhaps more: postern greylist allow'])];
}

/** As `allow` takes it for this one alone; of IPv6 an address means its /64. */
function typed({ kind, value }: Subject): string {
  if (kind === 'spf' || kind === 'ptr') return `${kind}:${value}`;
  return kind === 'address' ? value.replace('/64', '') : value;
}

/** Those who were granted it before those who have earned it. */
async function list(wanted: Wanted, all: boolean, json: boolean): Promise<number> {
  return withGreylist({ ...wanted, json }, async (source, place) => {
    const nowMs = Date.now();
    const allowAfter = (await configOf(place))?.greylist.allowAfter ?? null;
    const groups: readonly ((standing: Standing) => boolean)[] = [
      ({ granted }) => granted,
      ({ granted, allowed }) => allowed && !granted,
      ...(all ? [({ allowed }: Standing) => !allowed] : []),
    ];
    let found = 0;
    const put = async (standings: readonly Standing[]): Promise<void> => {
      found += standings.length;
      const sorted = standings.toSorted(bySubject);
      if (json) for (const standing of sorted) await printJson(standingJson(standing), 0);
      else
        for (const block of blocksOf(sorted, isOneGrant))
          await print(
            lines([`${shownBlock(block).padEnd(40)}  ${shownStanding(block.subject, allowAfter)}`]),
          );
    };
    for (const belongs of groups) {
      let sorted: Standing[] = [];
      for await (const standing of source.standings(nowMs)) {
        if (belongs(standing)) sorted.push(standing);
        if (sorted.length < MOST_SORTED) continue;
        await put(sorted);
        sorted = [];
      }
      await put(sorted);
    }
    if (found === 0) process.stderr.write(`nobody is allowed${all ? ', or has earned any of it' : ''}\n`);
    return 0;
  });
}

function isOneGrant(one: Standing, other: Standing): boolean {
  return (
    one.granted && other.granted && one.countedMs === other.countedMs && one.expiresMs === other.expiresMs
  );
}

/** A table of millions need not fit in memory: it is sorted in parts. */
const MOST_SORTED = 50_000;

const IN_ORDER = new Intl.Collator('en', { numeric: true });

/** By kind, then by value: addresses by their numbers, domains by their letters. */
function bySubject(one: Subject, other: Subject): number {
  return one.kind === other.kind
    ? IN_ORDER.compare(one.value, other.value)
    : ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
}

const ORDER: readonly Subject['kind'][] = ['address', 'network', 'spf', 'ptr'];

export const KINDS: Readonly<Record<Subject['kind'], string>> = {
  address: 'address',
  network: 'network',
  spf: 'SPF domain',
  ptr: 'organisation',
};

export function shownSubject({ kind, value }: Subject): string {
  return `${KINDS[kind].padEnd(12)}  ${value}`;
}

function shownBlock({ subject: { kind }, value }: Block<Subject>): string {
  return shownSubject({ kind, value });
}

/** `allowAfter` null: nobody can say. */
export function shownStanding(standing: Standing, allowAfter: number | null): string {
  const { granted, allowed, count, expiresMs } = standing;
  const until = expiresMs >= FOR_EVER_MS ? 'for ever' : `until ${localTime(expiresMs)}`;
  if (granted) return `granted, ${until}`;
  if (allowed) return `earned, ${until}, if it is not used any more`;
  const of = allowAfter === null ? '' : ` of ${allowAfter}`;
  const isOne = (allowAfter ?? count) === 1;
  return `not yet: ${count}${of} ${isOne ? 'triplet has' : 'triplets have'} passed, counting one an hour`;
}

/** Times are ISO 8601; `until` null: for ever. */
export function standingJson(standing: Standing): Record<string, unknown> {
  const { kind, value, count, granted, allowed, expiresMs } = standing;
  const until = expiresMs >= FOR_EVER_MS ? null : isoTime(expiresMs);
  return { kind, value, allowed, granted, count, until };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${harmless(text)}\n`).join('');
}
