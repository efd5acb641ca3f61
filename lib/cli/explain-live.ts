/** Owns what `postern explain` works on: the live config, its tables and its greylist, none of which it changes. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { configText } from '../config/load-config.ts';
import { openTables, type OpenTables } from '../config/open-tables.ts';
import { overlay } from '../config/overlay.ts';
import type { Problem } from '../config/problem.ts';
import { readConfig } from '../config/read-config.ts';
import { policyOf } from '../daemon.ts';
import type { Resolver } from '../dns/resolver.ts';
import { Explainer } from '../explain/explainer.ts';
import type { Place, Report } from '../explain/trace.ts';
import type { Transcript } from '../explain/transcript.ts';
import { DryStore } from '../greylist/dry-store.ts';
import { readSqlite, type Reader } from '../greylist/sqlite-reader.ts';
import { StoreError } from '../greylist/store.ts';
import { isClosedToUs } from './places.ts';

export interface Opening {
  readonly config: string;
  /** Whose lines are laid over the config. */
  readonly given: { readonly name: string; readonly transcript: Transcript } | null;
  readonly resolver: Resolver;
  readonly nowMs: number;
  readonly stateDirectory: string;
  readonly hostName: string;
}

export interface Live {
  readonly explainer: Explainer;
  readonly about: Pick<Report, 'config' | 'store' | 'name' | 'notes'>;
  /** The name in the headers is what this machine calls itself; the MTA may say another. */
  readonly nameIsGuessed: boolean;
  close(): void;
}

/** The config, what is given besides, or tables that they name have errors. */
export class WrongConfig extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('the config is wrong');
    this.problems = problems;
  }
}

/** Throws WrongConfig, or StoreError if the database is there and can't be read. */
export async function openLive(opening: Opening): Promise<Live> {
  const { resolver, nowMs, hostName } = opening;
  const { config, placeOf, notes } = read(opening);
  const tables = await openTables(config, { onReread: () => {}, pollMs: 0 });
  try {
    if (tables.problems.some(({ severity }) => severity === 'error')) throw new WrongConfig(tables.problems);
    const { reader, path, note } = openGreylist(config);
    const clock = { nowMs };
    const policy = policyOf(config, {
      store: new DryStore(reader),
      tables: tables.tables,
      resolver,
      now: () => clock.nowMs,
    });
    const { authservId, observe } = config;
    const explainer = new Explainer({
      policy,
      written: { lists: config.policy.map(({ name }) => name), placeOf },
      authservId,
      hostName,
      mtaName: null,
      observe,
      clock,
    });
    const guessed = authservId === null;
    return {
      explainer,
      about: {
        config: opening.config,
        store: path,
        name: authservId ?? hostName,
        notes: [
          ...notes,
          ...note,
          ...(observe ? ['observe: true, so everything is let through'] : []),
          ...(guessed
            ? [`authserv_id is not set: headers have the MTA's own name instead of ${hostName}`]
            : []),
        ],
      },
      nameIsGuessed: guessed,
      close: () => closeAll(explainer, reader, tables),
    };
  } catch (error) {
    tables.close();
    throw error;
  }
}

function closeAll(explainer: Explainer, reader: Reader | null, tables: OpenTables): void {
  explainer.close();
  reader?.close();
  tables.close();
}

interface Read {
  readonly config: Config;
  readonly placeOf: (line: number) => Place;
  readonly notes: readonly string[];
}

function read({ config: file, given, stateDirectory }: Opening): Read {
  const text = configText(file);
  if (typeof text !== 'string') throw new WrongConfig([text]);
  const over = given?.transcript.config ?? '';
  const laid = over === '' ? null : overlay(text, over);
  if (over !== '' && laid === null) throw new WrongConfig([inBraces(file)]);
  const placeOf = (line: number): Place => {
    if (laid === null || given === null || line <= laid.baseLines) return { file, line };
    const own = given.transcript.configLines[line - laid.baseLines - 1];
    return { file: given.name, line: own ?? given.transcript.configLines.at(-1)! };
  };
  const loaded = readConfig(laid?.text ?? text, file, { stateDirectory });
  if (!loaded.ok)
    throw new WrongConfig(
      loaded.problems.map((problem) => {
        const place = placeOf(problem.line);
        // Before each of its lines stands `given `.
        const column = place.file === file ? problem.column : problem.column + 'given '.length;
        return { ...problem, ...place, column };
      }),
    );
  const replaced =
    laid === null || laid.replaced.length === 0 ? '' : ` instead of ${laid.replaced.join(', ')}`;
  const notes = [
    ...(laid === null ? [] : [`the given lines of ${given!.name} lie over the config${replaced}`]),
    ...((given?.transcript.zone.length ?? 0) > 0
      ? ['the given zone stands for the DNS, which is not asked']
      : []),
  ];
  return { config: loaded.config, placeOf, notes };
}

function inBraces(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    what: 'given lines can only lie over a config with a key at the beginning of each line',
    instead: 'name such a one with --config FILE',
    severity: 'error',
  };
}

interface Greylist {
  readonly reader: Reader | null;
  /** Null: there is none that can be read. */
  readonly path: string | null;
  readonly note: readonly string[];
}

/** Throws StoreError. */
function openGreylist({ store }: Config): Greylist {
  if (store.kind === 'memory') {
    const note = ['store: memory is seen by the service alone: here every triplet is new'];
    return { reader: null, path: null, note };
  }
  const { path } = store;
  if (isClosedToUs(path))
    throw new StoreError(
      'io',
      `can't read ${path}: no permission; run this as root, or as the user of the service (its owner)`,
    );
  if (!existsSync(path))
    return { reader: null, path: null, note: [`there is no ${path} yet: every triplet is new`] };
  return { reader: readSqlite(path), path, note: [] };
}
