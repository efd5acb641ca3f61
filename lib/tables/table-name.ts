/** Owns table names as Postfix's main.cf has them: `hash:/etc/postfix/access`, `inline:{…}`, and what Postern can't read. */

import { splitBraced, withoutBraces, type Part } from './braces.ts';
import { shownText as shown } from './bytes.ts';
import type { TableStyle } from './table.ts';

export type TableKind = 'keys' | 'cidr' | 'regexp' | 'pcre' | 'inline';

export interface TableName {
  /** As it was written. */
  readonly text: string;
  readonly kind: TableKind;
  readonly style: TableStyle;
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    /** `inline:{key=value}`, and since Postfix 3.7 `cidr:{{rule}, {rule}}` and so on. */
    | { readonly kind: 'parts'; readonly parts: readonly Part[] };
  /** Where a configuration names it; not given: nowhere, or nobody knows. */
  readonly named?: Naming;
}

export interface Naming {
  /** `policy`, `greylist.skip_clients`. */
  readonly key: string;
  readonly file: string;
  /** From 1, as the column, which is in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
}

export type ParsedTableName =
  | { readonly ok: true; readonly name: TableName }
  | { readonly ok: false; readonly what: string; readonly instead: string | null };

const KINDS: Readonly<Record<string, TableKind>> = {
  hash: 'keys',
  lmdb: 'keys',
  btree: 'keys',
  dbm: 'keys',
  cdb: 'keys',
  sdbm: 'keys',
  texthash: 'keys',
  cidr: 'cidr',
  regexp: 'regexp',
  pcre: 'pcre',
  inline: 'inline',
};

const STYLES: Readonly<Record<TableKind, TableStyle>> = {
  keys: 'keys',
  inline: 'keys',
  cidr: 'networks',
  regexp: 'patterns',
  pcre: 'patterns',
};

/** Table types of Postfix that ask another program, or that say nothing about mail (postconf(1), -m). */
const FOREIGN =
  'environ fail internal ldap memcache mongodb mysql netinfo nis nisplus pgsql pipemap proxy randmap socketmap sqlite static tcp unionmap unix'.split(
    ' ',
  );

/** Never throws. */
export function parseTableName(written: string): ParsedTableName {
  const text = written.trim();
  const [, type, rest] = /^([A-Za-z][\w-]*):(.*)$/s.exec(text) ?? [];
  if (type === undefined || rest === undefined) return untyped(text);
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type]! : null;
  if (kind === null) return unknownType(type, rest);
  const style = STYLES[kind];
  if (rest.startsWith('{') || kind === 'inline') return withParts(text, kind, rest);
  if (rest === '')
    return {
      ok: false,
      what: `"${shown(text)}" names no file`,
      instead: `write ${type}:/etc/postfix/access`,
    };
  if (rest.includes('\0')) return { ok: false, what: `"${shown(text)}" has a NUL byte in it`, instead: null };
  const indexed = /^(.+)\.(db|lmdb|dir|pag|cdb)$/.exec(rest);
  if (indexed !== null && kind === 'keys')
    return {
      ok: false,
      what: `"${shown(text)}" is what postmap makes`,
      instead: `name the text that it is made from: ${type}:${indexed[1]}`,
    };
  return { ok: true, name: { text, kind, style, source: { kind: 'file', path: rest } } };
}

function withParts(text: string, kind: TableKind, rest: string): ParsedTableName {
  const instead =
    kind === 'inline'
      ? 'write inline:{key=value, {key=value, with blanks}}'
      : `write ${kind}:{{rule}, {rule}}`;
  const inner = withoutBraces(rest);
  if (inner === null)
    return { ok: false, what: `"${shown(text)}" has no { and } around its entries`, instead };
  const parts = splitBraced(inner);
  if (typeof parts === 'string') return { ok: false, what: parts, instead };
  if (parts.length === 0) return { ok: false, what: `"${shown(text)}" is empty`, instead };
  if (kind !== 'inline' && parts.some(({ braced }) => !braced))
    return { ok: false, what: `"${shown(text)}": each rule stands in { } of its own`, instead };
  return { ok: true, name: { text, kind, style: STYLES[kind], source: { kind: 'parts', parts } } };
}

function untyped(text: string): ParsedTableName {
  const what = `"${shown(text)}" does not say what kind of table it is`;
  if (text.startsWith('/') || text.startsWith('.'))
    return { ok: false, what, instead: `write hash:${text}, or cidr: regexp: pcre:` };
  return { ok: false, what, instead: 'write hash: cidr: regexp: pcre: and the file, or inline:{key=value}' };
}

function unknownType(type: string, rest: string): ParsedTableName {
  const lower = type.toLowerCase();
  if (lower === 'proxy') return proxied(rest);
  if (FOREIGN.includes(lower))
    return {
      ok: false,
      what: `${lower}: tables can't be read by Postern`,
      instead: 'leave the restriction that uses it in main.cf, or write the entries to a hash: file',
    };
  const near = Object.hasOwn(KINDS, lower) ? lower : nearest(lower);
  const instead =
    near === null ? `the kinds are ${Object.keys(KINDS).join(': ')}:` : `did you mean ${near}:?`;
  return { ok: false, what: `there is no kind of table called ${shown(type)}:`, instead };
}

/** `proxy:hash:/x` → `hash:/x`: the daemon that Postfix asks for it is not needed here. */
function proxied(rest: string): ParsedTableName {
  const direct = parseTableName(rest);
  if (!direct.ok) return direct;
  return { ok: false, what: 'proxy: is a daemon of Postfix', instead: `write ${direct.name.text}` };
}

/** `regex` → `regexp`, `cdir` → `cidr`: the same letters but for two. */
function nearest(written: string): string | null {
  const distance = (kind: string): number => {
    const rest = kind.split('');
    const foreign = written.split('').filter((letter) => {
      const at = rest.indexOf(letter);
      return at < 0 || rest.splice(at, 1).length === 0;
    });
    return foreign.length + rest.length;
  };
  const best = Object.keys(KINDS).toSorted((a, b) => distance(a) - distance(b))[0]!;
  return distance(best) <= 2 ? best : null;
}
