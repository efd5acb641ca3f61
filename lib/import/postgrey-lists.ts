/** Owns the move of postgrey's lists of clients and recipients that it spares: its files → access tables of Postern. */

import { asciiDomain } from '../mail/domain.ts';
import { parseNetwork, withoutExcess } from '../mail/network.ts';
import { aFew } from './a-few.ts';
import { Refusals } from './refusal.ts';
import type { NamedText } from './sources.ts';

export interface SparedTable {
  /** `check_client_access inline:{`, then entries, then `}`. */
  readonly word: 'check_client_access' | 'check_recipient_access';
  readonly kind: 'inline' | 'cidr' | 'pcre';
  readonly entries: readonly string[];
}

export interface SparedLists {
  readonly tables: readonly SparedTable[];
  /** user+ext@ is meant where user@ is written, as postgrey has it. */
  readonly extensions: boolean;
  readonly notes: readonly string[];
}

interface Line {
  readonly text: string;
  /** `whitelist_clients:17`. */
  readonly where: string;
}

/** In the order in which postgrey reads them. Never throws. */
export function sparedLists(clients: readonly NamedText[], recipients: readonly NamedText[]): SparedLists {
  const notes: string[] = [];
  const lists = { names: new Set<string>(), networks: new Set<string>(), patterns: new Set<string>() };
  for (const line of clients.flatMap(linesOf)) readClient(line, lists, notes);
  const spared = { keys: new Set<string>(), patterns: new Set<string>() };
  for (const line of recipients.flatMap(linesOf)) readRecipient(line, spared, notes);
  const tables = [
    table('check_client_access', 'inline', lists.names, notes),
    table('check_client_access', 'cidr', lists.networks, notes),
    table('check_client_access', 'pcre', lists.patterns, notes),
    table('check_recipient_access', 'inline', spared.keys, notes),
    table('check_recipient_access', 'pcre', spared.patterns, notes),
  ];
  return {
    tables: tables.filter(({ entries }) => entries.length > 0),
    extensions: [...spared.keys].some((key) => key.includes('@')),
    notes,
  };
}

/** Without comments and blanks around. */
function linesOf({ file, text }: NamedText): Line[] {
  const name = file.split('/').at(-1)!;
  return text.split('\n').flatMap((line, i) => {
    const bare = line.replace(/#.*$/, '').trim();
    return bare === '' ? [] : [{ text: bare, where: `${name}:${i + 1}` }];
  });
}

interface Clients {
  readonly names: Set<string>;
  readonly networks: Set<string>;
  readonly patterns: Set<string>;
}

function readClient({ text, where }: Line, { names, networks, patterns }: Clients, notes: string[]): void {
  const pattern = patternOf(text);
  if (pattern !== null) patterns.add(pattern);
  else if (/^\d{1,3}(?:\.\d{1,3}){1,3}(?:\/\d{1,2})?$/.test(text) || text.split(':').length > 2) {
    const network = networkOf(text);
    if (network === null) notes.push(`${where}: "${text}" is no network, and is left out`);
    else networks.add(network);
    if (/^\d+\.\d+$/.test(text))
      notes.push(`${where}: ${text} is ${text}.0.0/24 to postgrey, whatever its manual says: so it is here`);
  } else if (/\s/.test(text)) notes.push(`${where}: "${text}" is no host name to postgrey either`);
  else {
    const name = asciiDomain(text);
    if (name === null) notes.push(`${where}: "${text}" is no host name, and is left out`);
    else names.add(name);
  }
}

/** `192.0.2` → `192.0.2.0/24`; null: it is none. */
function networkOf(text: string): string | null {
  const octets = /^[\d.]+$/.test(text) ? text.split('.') : [];
  const written =
    octets.length === 2 || octets.length === 3 ? `${[...octets, '0', '0'].slice(0, 4).join('.')}/24` : text;
  const network = parseNetwork(written);
  return network === null ? null : (withoutExcess(network) ?? `${network.address.text}/${network.prefix}`);
}

function readRecipient(
  { text, where }: Line,
  { keys, patterns }: { readonly keys: Set<string>; readonly patterns: Set<string> },
  notes: string[],
): void {
  const pattern = patternOf(text);
  if (pattern !== null) patterns.add(pattern);
  else if (/\s/.test(text)) notes.push(`${where}: "${text}" is no address to postgrey either`);
  else {
    const at = text.indexOf('@');
    const local = text.slice(0, Math.max(0, at)).toLowerCase();
    const written = text.slice(at + 1);
    const domain = written === '' ? '' : asciiDomain(written);
    if (domain === null || (at >= 0 && local === '') || /[",{}=]/.test(local))
      notes.push(`${where}: "${text}" is no address that Postern could look up, and is left out`);
    else if (domain === '' && SPARED.has(local)) notes.push(`${where}: ${text} is among spare_recipients`);
    else keys.add(at < 0 ? domain : `${local}@${domain}`);
  }
}

const SPARED: ReadonlySet<string> = new Set(['postmaster', 'abuse']);

/** postgrey's `/pattern/` of Perl, as a rule of a pcre table; null: it is none. */
function patternOf(text: string): string | null {
  const inner = /^\/(\S+)\/$/.exec(text)?.[1];
  return inner === undefined
    ? null
    : `/${inner.replaceAll(/\\.|\//g, (part) => (part === '/' ? '\\/' : part))}/`;
}

/** Only what Postern's own reader takes: one by one if not all. */
function table(
  word: SparedTable['word'],
  kind: SparedTable['kind'],
  written: ReadonlySet<string>,
  notes: string[],
): SparedTable {
  const entries = [...written].map((text) => (kind === 'inline' ? `${text}=OK` : `{${text} OK}`));
  const refusals = new Refusals();
  const refused = (some: readonly string[]): string | null =>
    some.length === 0 ? null : refusals.of({ text: `${word} ${kind}:{ ${some.join(' ')} }`, reply: null });
  if (refused(entries) === null) return { word, kind, entries };
  const wrong = entries.filter((entry) => refused([entry]) !== null);
  notes.push(`Postern would not take ${aFew(wrong, 5)}: left out (${refused([wrong[0]!])})`);
  return { word, kind, entries: entries.filter((entry) => !wrong.includes(entry)) };
}
