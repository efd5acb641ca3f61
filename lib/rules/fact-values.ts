/** Owns the kinds of values that facts are compared with: names and addresses, tables, patterns, numbers, hours. */

import { asciiDomain } from '../mail/domain.ts';
import { NetworkSet, parseNetwork, type Network } from '../mail/network.ts';
import type { AtConnect, AtHelo, AtMail, AtRcpt, SessionAt, Stage } from '../mail/session.ts';
import type { AnyCheck, Check } from '../policy/check.ts';
import { found, temperror, type Finding } from '../policy/finding.ts';
import { accessByClient, accessByDomain, accessByMailbox, type MailboxSearch } from '../tables/access.ts';
import { NOT_FOUND, type Found, type Table } from '../tables/table.ts';
import { parseTableName, type TableName } from '../tables/table-name.ts';
import { readAccessResult } from './access-result.ts';
import { shown } from '../yaml/problem.ts';
import { asking, type FactTest } from './fact-test.ts';

/** The facts that are looked up like the keys of an access table. */
export type Named = 'client' | 'ptr' | 'helo' | 'sender' | 'recipient';

const STAGES: Readonly<Record<Named, Stage>> = {
  client: 'connect',
  ptr: 'connect',
  helo: 'helo',
  sender: 'mail',
  recipient: 'rcpt',
};

type Lookup = Found<string> | Promise<Found<string>>;

/** What is compared with many at once: keys as in an access table, and networks. */
export type Plain = { readonly key: string } | { readonly network: Network };

/** One value of a fact; a pattern or a table is a check of its own. */
export function readValue(fact: Named, value: string): FactTest | Plain | Wrong {
  const network = fact === 'client' ? parseNetwork(value) : null;
  // `192.0.2.0/24`; a lone address and its octets are keys, as in an access table.
  if (network !== null && value.includes('/')) return { network };
  if (value.startsWith('/')) return patternTest(fact, value);
  if (/^[a-z]+:./i.test(value) && !isAddress(value)) return tableTest(fact, value);
  if (/\s/.test(value)) return [`there is a blank in "${shown(value)}"`, 'write a list: [one, two]'];
  return { key: keyOf(value) };
}

/** One check for all of them, however many there are. */
export function plainTest(fact: Named, values: readonly Plain[]): FactTest {
  const keys = new Set(values.flatMap((value) => ('key' in value ? [value.key] : [])));
  const networks = values.flatMap((value) => ('network' in value ? [value.network] : []));
  const id = `${fact} ${[...keys, ...networks.map(formatNetwork)].join(' ')}`;
  const table: Table<string> = {
    name: id,
    style: 'keys',
    lookup(asked) {
      const key = asked.toLowerCase();
      return keys.has(key) ? { kind: 'found', value: 'OK', key, line: 1 } : NOT_FOUND;
    },
  };
  if (networks.length === 0) return asking(STAGES[fact], id, ({ search }) => lookup(fact, id, table, search));
  const set = new NetworkSet(networks);
  return asking('connect', id, ({ search }) =>
    check(id, 'connect', ({ client }: AtConnect) =>
      client.address !== null && set.has(client.address)
        ? { kind: 'found', value: 'OK', key: client.address.text, line: 1 }
        : accessByClient(table, client, search),
    ),
  );
}

function formatNetwork({ address, prefix }: Network): string {
  return `${address.text}/${prefix}`;
}

export type Wrong = readonly [what: string, instead: string];

/** `2001:db8::1` looks like a table's name until its end is seen. */
function isAddress(value: string): boolean {
  return parseNetwork(value) !== null || /^[0-9a-f:.]+$/i.test(value);
}

/** In lower case and with its domain as the DNS has it; `@example.org` is the domain. */
function keyOf(value: string): string {
  const at = value.lastIndexOf('@');
  const domain = value.slice(at + 1);
  const ascii = /[^\x20-\x7e]/.test(domain) ? (asciiDomain(domain) ?? domain) : domain;
  return (at <= 0 ? ascii : `${value.slice(0, at)}@${ascii}`).toLowerCase();
}

function patternTest(fact: Named, value: string): FactTest | Wrong {
  const name: TableName = {
    text: `pcre:{{${value} OK}}`,
    kind: 'pcre',
    style: 'patterns',
    source: { kind: 'parts', parts: [{ text: `${value} OK`, braced: true }] },
  };
  if (!/^\/(?:[^\\]|\\.)*\/[a-zA-Z]*$/.test(value))
    return [`the pattern ${shown(value)} has no / at its end`, 'write /pattern/'];
  return inTable(fact, value, name);
}

function tableTest(fact: Named, value: string): FactTest | Wrong {
  const parsed = parseTableName(value);
  return parsed.ok ? inTable(fact, value, parsed.name) : [parsed.what, parsed.instead ?? 'write another'];
}

function inTable(fact: Named, value: string, name: TableName): FactTest {
  const id = `${fact} ${value}`;
  const test = asking(STAGES[fact], id, ({ tables, search }) => {
    const table = tables.get(name.text);
    if (table === undefined) throw new Error(`the table ${name.text} was not opened`);
    return lookup(fact, id, table, search);
  });
  return { ...test, tables: [name] };
}

/** Found, whatever the result is, but for DUNNO: so a table can say who is not meant. */
function lookup(fact: Named, id: string, table: Table<string>, search: MailboxSearch): AnyCheck {
  switch (fact) {
    case 'client':
      return check(id, 'connect', ({ client }: AtConnect) => accessByClient(table, client, search));
    case 'ptr':
      return check(id, 'connect', ({ client }: AtConnect) =>
        client.ptr === null ? NOT_FOUND : accessByDomain(table, client.ptr, search),
      );
    case 'helo':
      return check(id, 'helo', ({ helo }: AtHelo) =>
        helo === null ? NOT_FOUND : accessByDomain(table, helo, search),
      );
    case 'sender':
      return check(id, 'mail', ({ sender }: AtMail) => accessByMailbox(table, sender, search));
    case 'recipient':
      return check(id, 'rcpt', ({ recipient }: AtRcpt) => accessByMailbox(table, recipient, search));
  }
}

function check<S extends Stage>(id: string, stage: S, ask: (session: SessionAt[S]) => Lookup): Check<S> {
  return {
    id,
    stage,
    results: ['yes', 'no'],
    run(session): Finding | Promise<Finding> {
      const answer = ask(session);
      return answer instanceof Promise ? answer.then(finding) : finding(answer);
    },
  };
}

function finding(answer: Found<string>): Finding {
  if (answer.kind === 'temperror') return temperror(answer.why);
  if (answer.kind === 'none') return found('no');
  const read = readAccessResult(answer.value);
  return read.ok && read.value.kind === 'dunno' ? found('no') : found('yes', { key: answer.key });
}

/** A check that is told from the session alone. */
export function yesNo<S extends Stage>(
  id: string,
  stage: S,
  holds: (session: SessionAt[S]) => boolean,
): Check<S> {
  return { id, stage, results: ['yes', 'no'], run: (session) => found(holds(session) ? 'yes' : 'no') };
}

/** `20`, `>20`, `>=20`, `<5`, `2..5`; null: none of them. `K` and `M` as in sizes. */
export function parseComparison(text: string): ((number: number) => boolean) | null {
  const [, from, to] = /^(\d+[KMG]?)\s*\.\.\s*(\d+[KMG]?)$/i.exec(text) ?? [];
  if (from !== undefined && to !== undefined) {
    const [low, high] = [amount(from), amount(to)];
    return low > high ? null : (number) => number >= low && number <= high;
  }
  const [, sign = '=', digits] = /^\s*(>=|<=|>|<|=)?\s*(\d+[KMG]?)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const bound = amount(digits);
  switch (sign) {
    case '>':
      return (number) => number > bound;
    case '>=':
      return (number) => number >= bound;
    case '<':
      return (number) => number < bound;
    case '<=':
      return (number) => number <= bound;
    default:
      return (number) => number === bound;
  }
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function amount(text: string): number {
  return Number.parseInt(text, 10) * (UNITS[text.slice(-1).toUpperCase()] ?? 1);
}
