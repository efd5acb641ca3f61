/** Owns the reading of the openspf.org test suite of RFC 7208: its scenarios, and each one's zone as our DNS server serves it. */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Not ours to ship; absent: nothing can be compared. */
const FILE = resolve(import.meta.dirname, '../../../../shared/data/rfc7208-tests.yml');
export const SUITE = process.env['RFC7208_TESTS'] ?? FILE;

export interface SuiteTest {
  readonly name: string;
  readonly helo: string;
  /** The client's address. */
  readonly host: string;
  /** Empty: the null sender. */
  readonly mailfrom: string;
  readonly results: readonly string[];
  /** Null: any, or none; `DEFAULT`: the domain has none. */
  readonly explanation: string | null;
}

export interface Scenario {
  readonly description: string;
  readonly tests: readonly SuiteTest[];
  /** Lines of a Zone. */
  readonly zone: readonly string[];
}

type Value = string | readonly (string | number)[];
type Item = string | Readonly<Record<string, Value>>;

interface Document {
  readonly description: string;
  readonly tests: Readonly<
    Record<
      string,
      {
        readonly helo: string;
        readonly host: string;
        readonly mailfrom: string;
        readonly result: string | readonly string[];
        readonly explanation?: string;
      }
    >
  >;
  readonly zonedata: Readonly<Record<string, readonly Item[]>>;
}

/** Null: the file is not there. */
export function readSuite(): readonly Scenario[] | null {
  if (!existsSync(SUITE)) return null;
  return parseAllDocuments(readFileSync(SUITE, 'utf8')).flatMap((document) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the suite is what it is
    const read = document.toJS() as Document | null;
    if (read === null) return [];
    const tests = Object.entries(read.tests).map(([name, { result, explanation, ...test }]) => ({
      ...test,
      name,
      results: typeof result === 'string' ? [result] : result,
      explanation: explanation ?? null,
    }));
    return [{ description: read.description, tests, zone: zoneOf(read.zonedata) }];
  });
}

/** Where a name has no TXT, its SPF records are its TXT records; `TXT: NONE`: it has none all the same. */
function zoneOf(data: Document['zonedata']): string[] {
  return Object.entries(data).flatMap(([owner, items]) => {
    const name = owner.replaceAll(' ', '\\032');
    const records = items.flatMap((item) => (typeof item === 'string' ? [] : Object.entries(item)));
    const hasTxt = records.some(([type]) => type === 'TXT');
    const times = items.includes('TIMEOUT');
    const lines = records.flatMap(([type, value]) => {
      if (type === 'SPF') return hasTxt ? [] : [line(name, 'TXT', value)];
      return value === 'NONE' ? [] : [line(name, type, value)];
    });
    if (!times) return lines;
    // What the suite wants of a name with both is that the rest times out.
    const told = new Set(lines.map((each) => each.slice(name.length).trim().split(' ')[0]!));
    const silent = ['A', 'AAAA', 'MX', 'TXT', 'PTR'].filter((type) => !told.has(type));
    return [...lines, ...silent.map((type) => `${name} SILENCE ${type}`)];
  });
}

function line(name: string, type: string, value: Value): string {
  const parts = typeof value === 'string' ? [value] : value.map(String);
  if (type !== 'TXT') return `${name} ${type} ${parts.join(' ')}`;
  const texts = parts.length === 0 ? [''] : parts.flatMap((part) => part.match(/.{1,200}/gs) ?? ['']);
  return `${name} TXT ${texts.map((text) => `"${escaped(text)}"`).join(' ')}`;
}

/** Control characters by their numbers: a line of a zone has none. */
function escaped(text: string): string {
  return text
    .replace(/["\\]/g, '\\$&')
    .replace(/[\0-\x1f\x7f]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`);
}
