/** Owns reading the config file from the disk: a file that can't be read is a problem of it like any other. */

import { BUNDLED_LISTS } from '../lists/known-lists.ts';
import { readRegularFile } from '../regular-file.ts';
import type { Problem } from '../yaml/problem.ts';
import { listDisk } from './list-disk.ts';
import type { Loaded, Surroundings } from './read-config.ts';
import { readConfig } from './read-config.ts';

/** Larger than any config that a person writes. */
const MOST_BYTES = 1 << 20;

/** `machine`: see Surroundings. The keys of DNS lists may stand in `env`. */
export function loadConfig(
  file: string,
  stateDirectory: string,
  machine?: Surroundings['machine'],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Loaded {
  const text = configText(file);
  const surroundings = {
    stateDirectory,
    files: listDisk(env),
    ...(machine === undefined ? {} : { machine }),
  };
  if (typeof text === 'string') return readConfig(text, file, surroundings);
  const nothing = {
    policy: [],
    tables: [],
    localDomains: { names: [], tables: [] },
    knownLists: BUNDLED_LISTS,
  };
  return { ok: false, problems: [text], named: nothing, store: null };
}

/** What is written in the file, or why nobody knows. */
export function configText(file: string): string | Problem {
  const text = readText(file);
  return typeof text === 'string' ? text : { file, line: 1, column: 1, ...text, severity: 'error' };
}

function readText(file: string): string | { readonly what: string; readonly instead: string } {
  const read = readRegularFile(file, MOST_BYTES);
  if (read.ok) return read.text;
  switch (read.why) {
    case 'not a file':
      return { what: 'this is not a file', instead: 'name the config file with --config FILE' };
    case 'too large':
      return { what: 'this is too large for a config', instead: 'is it the right file?' };
    case 'missing':
      return { what: 'no such file', instead: 'write one, or name another with --config FILE' };
    case 'not readable':
      return { what: `it can't be read (${read.code})`, instead: 'let the user that runs postern read it' };
  }
}
