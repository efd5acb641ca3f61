/** Owns the form of the data of known lists: JSON of a version that we understand, or what is wrong with it. */

import { isIP } from 'node:net';
import { isHostname } from '../mail/domain.ts';
import type { KnownList } from './known-lists.ts';
import { errorAnswers } from './list-answer.ts';
import { parseListPattern, type ListPattern } from './list-pattern.ts';
import { firstInBoth } from './pattern-overlap.ts';
import { ADDRESS_TESTS, NAME_TESTS, type TestEntries } from './test-entries.ts';

/** `path`: the keys and indexes that lead to it: `['lists', 3, 'refuse']`. */
export interface DataFault {
  readonly path: readonly (string | number)[];
  readonly what: string;
  readonly instead: string;
}

export type ReadLists =
  | { readonly ok: true; readonly date: string; readonly lists: readonly KnownList[] }
  | { readonly ok: false; readonly faults: readonly DataFault[] };

/** A larger one means something by the same words that we do not know. */
const MAJOR = 1;

const MOST_LISTS = 2000;
const MOST_FAULTS = 20;
const LONGEST_TEXT = 400;

type Path = DataFault['path'];
type Fields = ReadonlyMap<string, unknown>;

/** `value` as JSON.parse gives it. Fields that we do not know are of a newer minor version, and ignored. Never throws. */
export function readKnownLists(value: unknown): ReadLists {
  const reading = new Reading();
  const top = reading.fields(value, []);
  if (!reading.understands(top.get('version'))) return { ok: false, faults: reading.faults };
  const date = reading.text(top, 'date', [], /^\d{4}-\d\d-\d\d$/, '"2026-11-21"');
  const lines = top.get('lists');
  const written: readonly unknown[] = Array.isArray(lines) ? lines : [];
  if (written.length === 0 || written.length > MOST_LISTS)
    reading.fault(['lists'], `there must be 1 to ${MOST_LISTS} lists`, 'write them as [ … ]');
  const lists = written.slice(0, MOST_LISTS).map((each, i) => reading.list(each, ['lists', i]));
  const seen = new Set<string>();
  for (const [i, { zone }] of lists.entries()) {
    if (zone !== '' && seen.has(zone))
      reading.fault(['lists', i, 'zone'], `${zone} is there twice`, 'keep one of the two');
    seen.add(zone);
  }
  return reading.faults.length > 0 ? { ok: false, faults: reading.faults } : { ok: true, date, lists };
}

class Reading {
  readonly faults: DataFault[] = [];

  fault(path: Path, what: string, instead: string): null {
    if (this.faults.length < MOST_FAULTS) this.faults.push({ path, what, instead });
    return null;
  }

  understands(version: unknown): boolean {
    const [, major] = typeof version === 'string' ? (/^(\d{1,6})\.\d{1,6}$/.exec(version) ?? []) : [];
    if (major === undefined)
      this.fault(['version'], 'there is no version', `write "version": "${MAJOR}.0"; is it the right file?`);
    else if (Number(major) !== MAJOR)
      this.fault(
        ['version'],
        `it is of version ${Number(major)}, and this Postern reads version ${MAJOR}`,
        Number(major) > MAJOR ? 'update Postern, or write data: bundled' : 'take a newer file',
      );
    return this.faults.length === 0;
  }

  fields(value: unknown, path: Path): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return new Map<string, unknown>(Object.entries(value));
    this.fault(path, 'this is not a list of keys with values', 'write { … }');
    return new Map();
  }

  list(value: unknown, path: Path): KnownList {
    const fields = this.fields(value, path);
    const zone = this.zone(fields, path);
    const kind = this.oneOf(fields, 'kind', path, ['black', 'white', 'names', 'mixed'], null);
    const list = {
      zone,
      kind,
      name: this.text(fields, 'name', path, /./, '"Spamhaus ZEN"'),
      state: this.oneOf(fields, 'state', path, ['alive', 'dead', 'uncertain'], 'alive'),
      since: this.optional(fields, 'since', path, /^\d{4}(?:-\d\d)?$/, '"2024-06"'),
      asks: this.oneOf(fields, 'asks', path, ['host', 'registered'], 'host'),
      refuse: this.pattern(fields, 'refuse', path),
      permit: this.pattern(fields, 'permit', path),
      never: this.patterns(fields, 'never', path),
      codes: this.codes(fields, path),
      tests: this.tests(fields, path, kind === 'names' ? NAME_TESTS : ADDRESS_TESTS),
      role: this.oneOf(fields, 'role', path, ['reject', 'score', 'skip_greylist', null], null),
      terms: this.optional(fields, 'terms', path),
      usage: this.optional(fields, 'usage', path),
      key: this.optional(fields, 'key', path),
    } satisfies KnownList;
    this.judge(list, path);
    return list;
  }

  /** A file with a slip must not make an error of the list's a listing. */
  judge(list: KnownList, path: Path): void {
    for (const use of ['refuse', 'permit'] as const) {
      const pattern = list[use];
      if (pattern === null) continue;
      const read = parseListPattern(pattern);
      const met = read.ok
        ? errorAnswers(list, use)
            .map((error) => firstInBoth(read.pattern, error))
            .find((at) => at !== null)
        : undefined;
      if (met !== undefined && met !== null)
        this.fault([...path, use], `${pattern} has ${met} in it, which is no listing`, 'leave it out');
    }
  }

  text(fields: Fields, key: string, path: Path, form: RegExp, example: string): string {
    return this.optional(fields, key, path, form, example, true) ?? '';
  }

  optional(
    fields: Fields,
    key: string,
    path: Path,
    form = /./,
    example = 'a text in quotes',
    needed = false,
  ): string | null {
    const value = fields.get(key) ?? null;
    if (value === null && !needed) return null;
    // It will stand in logs and on terminals.
    if (
      typeof value === 'string' &&
      value.length <= LONGEST_TEXT &&
      form.test(value) &&
      !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
    )
      return value;
    return this.fault(
      [...path, key],
      value === null ? `${key} is missing` : `this is no ${key}`,
      `write ${example}`,
    );
  }

  oneOf<T extends string | null>(
    fields: Fields,
    key: string,
    path: Path,
    words: readonly T[],
    fallback: T | null,
  ): T {
    const value = fields.get(key) === undefined ? fallback : fields.get(key);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    this.fault(
      [...path, key],
      `this is no ${key}`,
      `write one of ${words.filter((word) => word !== null).join(', ')}`,
    );
    return words[0]!;
  }

  zone(fields: Fields, path: Path): string {
    const zone = this.text(fields, 'zone', path, /./, '"zen.spamhaus.org"').toLowerCase();
    const host = zone.replace(/^\*\./, '');
    if (zone === '' || (isHostname(host) && host.includes('.') && zone.length <= 200)) return zone;
    this.fault([...path, 'zone'], 'this is not the zone of a list', 'write one such as "zen.spamhaus.org"');
    return '';
  }

  pattern(fields: Fields, key: string, path: Path): string | null {
    const value = fields.get(key) ?? null;
    return value === null ? null : (this.parsed(value, [...path, key])?.text ?? null);
  }

  patterns(fields: Fields, key: string, path: Path): string[] {
    const value = fields.get(key) ?? [];
    if (Array.isArray(value) && value.length <= 100)
      return value.flatMap((each, i) => this.parsed(each, [...path, key, i])?.text ?? []);
    this.fault([...path, key], `this is no list of patterns`, 'write ["127.0.0.1"]');
    return [];
  }

  parsed(value: unknown, path: Path): ListPattern | null {
    if (typeof value !== 'string')
      return this.fault(path, 'this is no pattern', 'write one such as "127.0.0.[2..11]"');
    const read = parseListPattern(value);
    return read.ok ? read.pattern : this.fault(path, read.what, read.instead);
  }

  codes(fields: Fields, path: Path): Readonly<Record<string, string>> {
    const at = [...path, 'codes'];
    const written =
      fields.get('codes') === undefined ? new Map<string, unknown>() : this.fields(fields.get('codes'), at);
    const codes = [...written.keys()].slice(0, 300).flatMap((key): [string, string][] => {
      const pattern = this.parsed(key, [...at, key]);
      return pattern === null ? [] : [[pattern.text, this.text(written, key, at, /./, 'what it means')]];
    });
    return Object.fromEntries(codes);
  }

  tests(fields: Fields, path: Path, usual: TestEntries): TestEntries {
    const at = [...path, 'tests'];
    const written =
      fields.get('tests') === undefined ? new Map<string, unknown>() : this.fields(fields.get('tests'), at);
    const answer = this.pattern(written, 'answer', at);
    const canary = written.get('canary') ?? true;
    if (typeof canary !== 'boolean')
      this.fault([...at, 'canary'], 'this is no canary', 'write true or false');
    const tests = {
      listed: this.entry(written, 'listed', at, usual),
      answer: answer === null ? null : this.parsed(answer, at),
      unlisted: this.entry(written, 'unlisted', at, usual),
      canary: canary !== false,
    };
    if (tests.unlisted === null && !tests.canary)
      this.fault(at, 'nothing shows that the list does not list the world', 'write "canary": true');
    return tests;
  }

  /** Null is written; what is not written is as RFC 5782 has it. */
  entry(written: Fields, key: 'listed' | 'unlisted', path: Path, usual: TestEntries): string | null {
    const value = written.get(key) === undefined ? usual[key] : written.get(key);
    if (value === null) return null;
    const fits =
      typeof value === 'string' &&
      (usual === NAME_TESTS ? isHostname(value) && value.length <= 100 : isIP(value) !== 0);
    if (fits) return value;
    return this.fault(
      [...path, key],
      'this is no entry of such a list',
      `write ${usual === NAME_TESTS ? '"test"' : '"127.0.0.2"'}, or null`,
    );
  }
}
