/** Owns which greylist a command means: the running service's, or that of a config file; and reading it. */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Loaded } from '../config/read-config.ts';
import type { StoreAddress } from '../config/store.ts';
import { ask } from '../control/ask.ts';
import type { GreylistFigures } from '../control/greylist-figures.ts';
import type { GreylistRows, RowsWanted } from '../control/greylist-rows.ts';
import { troubleText, type StoreTrouble } from '../control/service-status.ts';
import { figuresOf } from '../greylist/figures.ts';
import { readSqlite, type Reader } from '../greylist/sqlite-reader.ts';
import { compileAnswerFilter, type ListFilter } from '../greylist/listing.ts';
import { StoreError, type OpenAnswer } from '../greylist/store.ts';
import { quotedPath } from '../shell-path.ts';
import type { Problem } from '../yaml/problem.ts';
import { callersFile, configFile, controlSocket, isClosedToUs, stateToRead } from './places.ts';
import { fail, localTime, printJson } from './print.ts';

export interface Place {
  readonly store: StoreAddress;
  /** Of the service, or the one that was named. */
  readonly configFile: string;
  readonly socket: string;
  /** Null: the service that answers there has this greylist open. Else why there is none to ask. */
  readonly unserved: {
    /** `other`: the one that answers has another greylist. */
    readonly kind: 'absent' | 'closed' | 'failed' | 'other';
    readonly why: string;
  } | null;
  /** Of the service that has this greylist open; null: none that is known. */
  readonly trouble: StoreTrouble | null;
}

const PATIENCE_MS = 5000;
/** A walk over all of its memory. */
const LONG_PATIENCE_MS = 60_000;

/**
 * `option`: of `--config`; without it, the greylist of the service that runs. To read it, a config file will do that is
 * broken elsewhere. Throws StoreError, with what to type, or BrokenConfig.
 */
export async function findGreylist(option: string | undefined, to: 'read' | 'change'): Promise<Place> {
  const socket = controlSocket(process.env);
  const status = await ask(socket, 'status', PATIENCE_MS);
  const file = configFile(option, process.env);
  if (status.kind === 'answered' && (option === undefined || file === status.answer.config)) {
    const store = storeOf(status.answer.store);
    const { config, storeTrouble: trouble } = status.answer;
    return { store, configFile: config, socket, unserved: null, trouble };
  }
  const store = await storeNamed(file, to);
  const found = { store, configFile: file, socket };
  if (status.kind !== 'answered') return { ...found, unserved: status, trouble: null };
  const isSame = store.kind === 'sqlite' && status.answer.store === `sqlite:${store.path}`;
  const why = `the service that answers at ${socket} has another greylist (${status.answer.store})`;
  if (!isSame) return { ...found, unserved: { kind: 'other', why }, trouble: null };
  return { ...found, unserved: null, trouble: status.answer.storeTrouble };
}

async function storeNamed(file: string, to: 'read' | 'change'): Promise<StoreAddress> {
  const loaded = await load(file);
  if (loaded.ok) return loaded.config.store;
  const check = `postern check --config ${quotedPath(file)}`;
  const { store } = loaded;
  if (to === 'change')
    throw await broken(loaded.problems, `nothing was changed: ${file} is broken; mend it (type: ${check})`);
  if (store === null)
    throw await broken(
      loaded.problems,
      `${file} is broken, so that nobody can say which greylist is meant; mend it (type: ${check}), or name the database: --store FILE`,
    );
  const read = store.kind === 'sqlite' ? `, and ${store.path} is read, which it names` : '';
  fail(`postern: ${file} is broken${read}; see: ${check}`);
  return store;
}

/** As `storeName` of daemon/ writes it. */
function storeOf(name: string): StoreAddress {
  if (name === 'memory') return { kind: 'memory' };
  if (name.startsWith('sqlite:')) return { kind: 'sqlite', path: name.slice('sqlite:'.length) };
  throw new StoreError('io', `the service has a store that this version does not know: ${name}; restart it`);
}

/** A config file that can't be taken. */
class BrokenConfig extends Error {
  /** A line each. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/** Throws BrokenConfig. */
export async function mustLoad(file: string): Promise<Config> {
  const loaded = await load(file);
  if (loaded.ok) return loaded.config;
  throw await broken(loaded.problems);
}

async function broken(problems: readonly Problem[], ...more: readonly string[]): Promise<BrokenConfig> {
  const { formatProblem } = await import('../yaml/problem.ts');
  return new BrokenConfig([...problems.map(formatProblem), ...more.map((line) => `postern: ${line}`)]);
}

/** Reading a config is most of what starting such a command costs, and needless where the service answers. */
async function load(file: string): Promise<Loaded> {
  const { loadConfig } = await import('../config/load-config.ts');
  return loadConfig(file, stateToRead(process.env));
}

/** Null: the config is broken, though a service may run with what it was. */
export async function configOf({ configFile: file }: Place): Promise<Config | null> {
  const loaded = await load(file);
  return loaded.ok ? loaded.config : null;
}

/** All throw StoreError. */
export interface Source extends Pick<Reader, 'list' | 'standings' | 'close'> {
  /** Those of the addresses of `wanted`, see compileAnswerFilter. */
  answers(wanted: ListFilter, nowMs: number): AsyncIterable<OpenAnswer>;
  /** For people. */
  readonly name: string;
  /** Of triplets that were first seen since then. */
  figures(sinceMs: number, nowMs: number): Promise<GreylistFigures>;
}

/** For who only looks. */
export const STORE_HELP =
  '  --store FILE    this database: a copy, or one that was set aside (postern.db.corrupt-…)\n';

/** Of the commands that only look: `store` is a database file, whatever the config says. */
export interface Wanted {
  readonly config?: string | undefined;
  readonly store?: string | undefined;
}

/** Reads the greylist that is meant. Returns the exit code. */
export async function withGreylist(
  wanted: Wanted & { readonly json: boolean },
  read: (source: Source, place: Place) => Promise<number>,
): Promise<number> {
  return told(wanted.json, async () => {
    const place = wanted.store === undefined ? await findGreylist(wanted.config, 'read') : placeOf(wanted);
    const { trouble } = place;
    if (trouble !== null) fail(`postern: ${troubleText(trouble, localTime(Date.parse(trouble.since)))}`);
    const source = openSource(place);
    try {
      return await read(source, place);
    } finally {
      source.close();
    }
  });
}

/** Throws StoreError. */
function placeOf({ config, store = '' }: Wanted): Place {
  const path = callersFile(store, process.env);
  // A service would not make it, as it would that of the config.
  if (!existsSync(path))
    throw new StoreError(
      'io',
      `there is no ${path}; what lies beside it: ls -l ${quotedPath(dirname(path))}`,
    );
  return {
    store: { kind: 'sqlite', path },
    configFile: configFile(config, process.env),
    socket: controlSocket(process.env),
    unserved: { kind: 'other', why: 'a database was named' },
    trouble: null,
  };
}

/** A damaged file is the service's to set aside: it saves what it can, and expiry takes it over all rows every ten minutes. */
export function withCure({ cause, message }: StoreError): string {
  if (cause !== 'corrupt') return message;
  return /\.corrupt-\d/.test(message)
    ? `${message}; it was set aside for that: sqlite3 FILE .dump prints what can be read of it`
    : `${message}; a service that runs comes upon the damage within some ten minutes, sets the file aside and goes on with a new one; if none runs, or it does not: systemctl restart postern`;
}

/** What a greylist or its config can't do is printed, for programs as `why` of an object, and is exit code 1. */
export async function told(json: boolean, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof BrokenConfig) && !(error instanceof StoreError)) throw error;
    const why = error instanceof StoreError ? withCure(error) : error.message;
    if (json) await printJson({ ok: false, why }, 0);
    else fail(...(error instanceof BrokenConfig ? error.problems : [`postern: ${why}`]));
    return 1;
  }
}

function openSource({ store, configFile: file, socket, unserved }: Place): Source {
  if (store.kind === 'sqlite') return sourceOfFile(store.path);
  if (unserved === null) return sourceOfService(socket);
  throw new StoreError(
    'io',
    `${file}: store: memory is seen by the service alone, and ${unserved.why}; write store: sqlite:postern.db to keep it`,
  );
}

/** Throws StoreError. */
export function openReader(path: string): Reader {
  if (isClosedToUs(path))
    throw new StoreError(
      'io',
      `can't read ${path}: no permission; run this as root, or as the user of the service (its owner)`,
    );
  if (!existsSync(path))
    throw new StoreError(
      'io',
      `there is no ${path}: the service makes it when it is started for the first time: systemctl start postern ` +
        '(or: postern run); if its log names another store, name its config here: --config FILE',
    );
  return readSqlite(path);
}

function sourceOfFile(path: string): Source {
  const reader = openReader(path);
  return {
    name: path,
    list: (filter, nowMs) => reader.list(filter, nowMs),
    standings: (nowMs) => reader.standings(nowMs),
    async *answers(wanted, nowMs) {
      const fits = compileAnswerFilter(wanted);
      for await (const answer of reader.answers(nowMs)) if (fits(answer)) yield answer;
    },
    figures: async (sinceMs, nowMs) => ({
      figures: await figuresOf(reader.list({}, nowMs), sinceMs),
      stats: await reader.stats(nowMs),
      days: reader.counts(),
    }),
    close: () => reader.close(),
  };
}

function sourceOfService(socket: string): Source {
  const rows = async (wanted: RowsWanted): Promise<GreylistRows> => {
    const asked = await ask(socket, 'greylist-rows', LONG_PATIENCE_MS, { rows: wanted });
    if (asked.kind !== 'answered') throw new StoreError('io', asked.why);
    if (asked.answer.more)
      process.stderr.write(
        `only the first ${asked.answer[wanted.of].length} ${wanted.of} of the service's memory\n`,
      );
    return asked.answer;
  };
  return {
    name: 'the memory of the service',
    async *list(wanted) {
      yield* (await rows({ of: 'triplets', wanted })).triplets;
    },
    async *standings() {
      yield* (await rows({ of: 'standings', wanted: {} })).standings;
    },
    async *answers(wanted) {
      yield* (await rows({ of: 'answers', wanted })).answers;
    },
    async figures(sinceMs) {
      const asked = await ask(socket, 'greylist-figures', LONG_PATIENCE_MS, { sinceMs });
      if (asked.kind !== 'answered') throw new StoreError('io', asked.why);
      return asked.answer;
    },
    close() {},
  };
}
