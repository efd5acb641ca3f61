/** Owns a table while it is in use: read at the start, again when its file changes, and kept as it was if that goes wrong. */

import { resolve } from 'node:path';
import { MatchThread } from './match-thread.ts';
import { readContent, readParts, type ReadContent } from './read-content.ts';
import { slices } from './slices.ts';
import { FileFault, fileState, readFile, type FileState } from './table-file.ts';
import { NOT_FOUND, type Content, type Found, type ParseResult, type Table } from './table.ts';
import type { Problem } from '../yaml/problem.ts';
import type { TableName } from './table-name.ts';
import { FileWatch } from './watch-file.ts';

export interface TableOptions<R> {
  readonly parseResult: ParseResult<R>;
  /** After each reading that a change of the file led to, and after each reload(). */
  readonly onReread?: (reread: Reread) => void;
  /** How often the file is looked at; 0: never. By default each second. */
  readonly pollMs?: number;
  /** What a relative path is relative to; by default the working directory. */
  readonly folder?: string;
}

export interface Reread {
  readonly problems: readonly Problem[];
  /** Because of an error, the table stays what it was. */
  readonly kept: boolean;
  readonly entries: number;
}

export interface OpenTable<R> extends Table<R> {
  /** Keys, networks or patterns that are in effect. */
  readonly entries: number;
  /** Reads it again, whether it has changed or not. Never rejects. */
  reload(): Promise<readonly Problem[]>;
  /** No more looks at the file; lookups go on to be answered. */
  close(): void;
}

export interface OpenedTable<R> {
  readonly table: OpenTable<R>;
  readonly problems: readonly Problem[];
  /** False: the file itself is missing or can't be read, which is all that `problems` says. */
  readonly read: boolean;
}

/**
 * Never rejects: a table that can't be read has a problem, and its lookups are a temperror. One with errors in
 * some lines does without them, as in Postfix, unless there is a better earlier content: then that stays.
 */
export async function openTable<R>(name: TableName, options: TableOptions<R>): Promise<OpenedTable<R>> {
  const table = new KeptTable(name, options);
  const problems = await table.read();
  table.watch();
  return { table, problems, read: table.isRead };
}

class KeptTable<R> implements OpenTable<R> {
  readonly name: string;
  readonly style: Table<R>['style'];
  readonly #tableName: TableName;
  readonly #options: TableOptions<R>;
  readonly #thread = new MatchThread();
  readonly #path: string | null;
  #content: Content<R> | null = null;
  /** The content has errors, or there is none. */
  #broken = true;
  #why = 'it has not been read yet';
  #kept = false;
  #watch: FileWatch | null = null;
  #state: FileState | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: TableName, options: TableOptions<R>) {
    this.name = name.text;
    this.style = name.style;
    this.#tableName = name;
    this.#options = options;
    this.#path = name.source.kind === 'file' ? resolve(options.folder ?? '.', name.source.path) : null;
  }

  get entries(): number {
    return this.#content?.entries ?? 0;
  }

  get isRead(): boolean {
    return this.#content !== null;
  }

  lookup(key: string): Found<R> | Promise<Found<R>> {
    // Postfix asks no table for an empty key (maps_find()).
    if (key === '') return NOT_FOUND;
    if (this.#content === null) return { kind: 'temperror', why: `${this.name}: ${this.#why}` };
    return this.#content.lookup(key);
  }

  /** One reading after the other: the last one asked for is the one that stays. */
  read(): Promise<readonly Problem[]> {
    const reading = this.#last.then(() => this.#read());
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async reload(): Promise<readonly Problem[]> {
    const problems = await this.read();
    this.#options.onReread?.({ problems, kept: this.#kept, entries: this.entries });
    return problems;
  }

  watch(): void {
    const every = this.#options.pollMs ?? 1000;
    if (this.#path === null || every === 0) return;
    this.#watch = new FileWatch(
      this.#path,
      every,
      () => this.#state,
      () => this.reload(),
    );
  }

  close(): void {
    this.#watch?.close();
    this.#thread.close();
  }

  async #read(): Promise<readonly Problem[]> {
    const { parseResult } = this.#options;
    if (this.#path === null) return this.#take(readParts(this.#tableName, parseResult, this.#thread));
    const path = this.#path;
    const pause = slices();
    try {
      const { state, result } = await readFile(path, (chunks) =>
        readContent(this.#tableName, path, chunks, parseResult, this.#thread, pause),
      );
      this.#state = state;
      return this.#take(result);
    } catch (error) {
      // So that the same fault is told once, and whatever cures it is noticed.
      this.#state = await fileState(path);
      return this.#miss(path, error instanceof FileFault ? error : bug(error));
    }
  }

  #take({ content, broken, problems }: ReadContent<R>): readonly Problem[] {
    this.#kept = broken && !this.#broken;
    if (this.#kept) return problems;
    this.#content = content;
    this.#broken = broken;
    return problems;
  }

  #miss(path: string, { what, instead }: FileFault): readonly Problem[] {
    this.#kept = this.#content !== null;
    this.#why = what;
    return [{ file: path, line: 1, column: 1, what, instead, severity: 'error' }];
  }
}

/** What makes nothing of a table must not take the service down with it. */
function bug(error: unknown): FileFault {
  return new FileFault(`reading it failed, which is a bug: ${String(error)}`, 'please report it');
}
