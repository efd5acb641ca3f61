/** Owns the kinds of values that facts are compared with: names and addresses, networks, tables, patterns. */

import { isIP } from 'node:net';
import { asciiDomain, withoutRootDot } from '../mail/domain.ts';
import { NetworkSet, parseNetwork, withoutExcess, type Network } from '../mail/network.ts';
import type { AtConnect, AtHelo, AtMail, AtRcpt, Client, SessionAt, Stage } from '../mail/session.ts';
import type { AnyCheck, Check } from '../policy/check.ts';
import { found, temperror, type Finding } from '../policy/finding.ts';
import {
  accessByClient,
  accessByDomain,
  addressKeys,
  accessByMailbox,
  type MailboxSearch,
} from '../tables/access.ts';
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
  if (fact === 'client' && /^[\d.]+\/\d+$|^\[?[\da-f:]*:[\da-f:.]*\]?\/\d+$/i.test(value)) {
    const wrong = wrongNetwork(value, network);
    if (wrong !== null) return wrong;
  }
  // `192.0.2.0/24`; a lone address and its octets are keys, as in an access table.
  if (network !== null && value.includes('/')) return { network };
  if (value.startsWith('/')) return patternTest(fact, value);
  if (/^[a-z]+:./i.test(value) && !isAddress(value)) return tableTest(fact, value);
  if (/\s/.test(value)) return [`there is a blank in "${shown(value)}"`, 'write a list: [one, two]'];
  // A list that YAML has taken the brackets of: `helo: [192.0.2.1]`.
  if (fact === 'helo' && isIP(value) !== 0)
    return { key: isIP(value) === 4 ? `[${value}]` : `[ipv6:${value.toLowerCase()}]` };
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
  // Addresses and networks are told of whoever has no name.
  const named = [...keys].some((key) => !/^[\d.]+$|:/.test(key));
  if (fact !== 'client') return asking(STAGES[fact], id, ({ search }) => lookup(fact, id, table, search));
  const set = new NetworkSet(networks);
  return asking('connect', id, ({ search }) =>
    check(id, 'connect', ({ client }: AtConnect) =>
      client.address !== null && set.has(client.address)
        ? { kind: 'found', value: 'OK', key: client.address.text, line: 1 }
        : named
          ? byPlainClient(table, client, search)
          : accessByClient(table, client, search),
    ),
  );
}

function wrongNetwork(value: string, network: Network | null): Wrong | null {
  if (network === null) return [`"${shown(value)}" is not a network`, 'write one such as 192.0.2.0/24'];
  const masked = withoutExcess(network);
  return masked === null
    ? null
    : [`"${shown(value)}" has bits set beyond its /${network.prefix}`, `write ${masked}`];
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
      return check(id, 'connect', ({ client }: AtConnect) => byClient(table, client, search));
    case 'ptr':
      return check(id, 'connect', ({ client }: AtConnect) => {
        if (client.ptr !== null) return accessByDomain(table, withoutRootDot(client.ptr), search);
        return mayHaveReverse(client) ? NOT_TOLD : NOT_FOUND;
      });
    case 'helo':
      return check(id, 'helo', ({ helo }: AtHelo) =>
        helo === null ? NOT_FOUND : accessByDomain(table, withoutRootDot(helo), search),
      );
    case 'sender':
      return check(id, 'mail', ({ sender }: AtMail) => accessByMailbox(table, sender, search));
    case 'recipient':
      return check(id, 'rcpt', ({ recipient }: AtRcpt) => accessByMailbox(table, recipient, search));
  }
}

/** A name comes before the address: what it would have been found as, or kept from, nobody can tell without it. */
function byClient(table: Table<string>, client: Client, search: MailboxSearch): Lookup {
  return table.style !== 'networks' && mayHaveName(client) ? NOT_TOLD : accessByClient(table, client, search);
}

/** Of plain values any one will do: an address that is among them needs no name. */
function byPlainClient(table: Table<string>, client: Client, search: MailboxSearch): Found<string> | Lookup {
  if (!mayHaveName(client)) return accessByClient(table, client, search);
  const keys = client.address === null ? [] : addressKeys(client.address);
  return keys.some((key) => table.lookup(key) !== NOT_FOUND) ? FOUND : NOT_TOLD;
}

const FOUND: Found<string> = { kind: 'found', value: 'OK', key: 'its address', line: 1 };

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

/** A check that is told from the session alone; null: the MTA did not find out, or did not say. */
export function yesNo<S extends Stage>(
  id: string,
  stage: S,
  holds: (session: SessionAt[S]) => boolean | null,
): Check<S> {
  return {
    id,
    stage,
    results: ['yes', 'no'],
    run(session) {
      const answer = holds(session);
      return answer === null ? NO_NAME : found(answer ? 'yes' : 'no');
    },
  };
}

const UNTOLD = 'the MTA did not find out, or did not say';
const NO_NAME = temperror(UNTOLD);
const NOT_TOLD: Found<string> = { kind: 'temperror', why: UNTOLD };

/** Whether there may be a confirmed name all the same: the MTA's lookup failed, or it makes none. */
export function mayHaveName({ name, resolve, submitted }: Client): boolean {
  return name === null && !submitted && (resolve === 'temp' || resolve === null);
}

export function mayHaveReverse(client: Client): boolean {
  return client.ptr === null && mayHaveName(client);
}
