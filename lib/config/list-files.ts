/** Owns what the section `lists:` names outside postern.yaml: the keys, and a newer file of known lists. */

import { BUNDLED_LISTS, KnownLists } from '../lists/known-lists.ts';
import { readKnownLists, type DataFault } from '../lists/known-lists-reader.ts';
import { keyIn, ListKeys, type ListKey } from '../lists/list-keys.ts';
import type { FileText } from '../regular-file.ts';
import { shown, type Problem } from '../yaml/problem.ts';
import type { Entries, Entry } from '../yaml/section.ts';
import { placesIn } from './json-places.ts';
import type { KeySource, listSettings } from './list-settings.ts';
import { quotedPath } from '../shell-path.ts';

/** The disk and the environment, as far as the section `lists:` names them. Neither throws. */
export interface ListFiles {
  read(path: string, mostBytes: number): FileText;
  variable(name: string): string | undefined;
}

const MOST_BYTES = 1 << 20;
const MOST_KEY_BYTES = 4096;

/** The bundled lists, unless a sound file is named; what is wrong with it is a warning, for mail goes on without it. */
export function knownListsOf(
  data: Entry<string | null>,
  files: ListFiles,
): { readonly lists: KnownLists; readonly problems: readonly Problem[] } {
  const path = data.value;
  if (path === null) return { lists: BUNDLED_LISTS, problems: [] };
  const read = files.read(path, MOST_BYTES);
  const [lists, problems] = read.ok ? parsed(read.text, path) : [null, []];
  if (lists !== null) return { lists, problems };
  const what = read.ok ? `${shown(path)} is broken` : `${shown(path)}: ${WHY[read.why]}`;
  data.place.warning(`${what}: the lists that came with Postern stay in use`, 'mend it, or write bundled');
  return { lists: BUNDLED_LISTS, problems };
}

const WHY = {
  missing: 'there is no such file',
  'too large': 'it is too large',
  'not a file': 'it is not a file',
  'not readable': 'it can not be read',
} as const;

function parsed(text: string, path: string): [KnownLists | null, readonly Problem[]] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const [, line = '1', column = '1'] = /\(line (\d+) column (\d+)\)/.exec(String(error)) ?? [];
    const at = { file: path, line: Number(line), column: Number(column) };
    return [null, [{ ...at, what: 'this is not JSON', instead: 'is it whole?', severity: 'warning' }]];
  }
  const read = readKnownLists(value);
  if (read.ok) return [new KnownLists(() => ({ date: read.date, all: read.lists })), []];
  return [null, placed(read.faults, text, path)];
}

/** What is not there is told of where it should be. */
function placed(faults: readonly DataFault[], text: string, file: string): readonly Problem[] {
  const offsets = placesIn(
    text,
    faults.map(({ path }) => path),
  );
  return faults.map(({ path, what, instead }, i) => {
    const before = text.slice(0, offsets[i]).split('\n');
    const at = { file, line: before.length, column: before.at(-1)!.length + 1 };
    const name = path.length === 0 ? '' : `${shown(path.join('.'))}: `;
    return { ...at, what: `${name}${shown(what)}`, instead, severity: 'warning' };
  });
}

/** A list whose key is not there is out of use, and mail goes on: each is a warning. */
export function keysOf({ key_files }: Entries<typeof listSettings.fields>, files: ListFiles): ListKeys {
  const keys = new Map<string, ListKey>();
  for (const [name, source] of key_files.value) {
    const read = keyFrom(source, files);
    if ('key' in read) keys.set(name, read);
    else {
      key_files.place.warning(read.missing, read.instead);
      keys.set(name, { missing: read.missing, instead: adviceOf(source, read.instead) });
    }
  }
  return new ListKeys(keys);
}

/** For who reads it when the service runs: what else there is to do then. */
function adviceOf({ kind }: KeySource, instead: string): string {
  const done = kind === 'file' ? 'then: postern reload' : 'then restart the service';
  return `${instead.replace(/^type: /, '')}, ${done}`;
}

type KeyRead = { readonly key: string } | { readonly missing: string; readonly instead: string };

function keyFrom(source: KeySource, files: ListFiles): KeyRead {
  if (source.kind === 'environment') {
    const value = files.variable(source.variable);
    const name = `\${${source.variable}}`;
    if (value === undefined || value.trim() === '')
      return { missing: `${name} is not set`, instead: 'set it where Postern is started, or name a file' };
    const key = keyIn(value);
    return key === null ? { missing: `what is in ${name} is not a key`, instead: PLAIN } : { key };
  }
  const path = shown(source.path);
  const read = files.read(source.path, MOST_KEY_BYTES);
  if (!read.ok) return { missing: MISSING[read.why](path), instead: instead(read.why, source.path) };
  const key = keyIn(read.text);
  if (key !== null) return { key };
  const empty = read.text.trim() === '';
  return {
    missing: empty ? `there is no key in ${path}` : `what is in ${path} is not a key`,
    instead: PLAIN,
  };
}

const PLAIN = 'write the key alone into its first line: letters and digits';

/** The first as `check` says it of every file. */
const MISSING = {
  missing: (path: string) => `there is no file ${path}`,
  'too large': (path: string) => `${path} is too large for a key`,
  'not a file': (path: string) => `${path} is not a file`,
  'not readable': (path: string) => `${path} can not be read`,
} as const;

function instead(why: keyof typeof MISSING, path: string): string {
  if (why !== 'not readable') return 'write the key into it, or remove it from lists.key_files';
  return `type: chgrp postern ${quotedPath(path)} && chmod 0640 ${quotedPath(path)} (with the group of the user that runs postern)`;
}
