/** Owns what is in a table, read by Postern's own reader: its results, and whether Postern would take it at all. */

import { bytesOf } from '../tables/bytes.ts';
import { MatchThread } from '../tables/match-thread.ts';
import { readBytes, readParts } from '../tables/read-content.ts';
import type { TableName } from '../tables/table-name.ts';

export interface TableContent {
  /** Right-hand sides, each text once. */
  readonly results: readonly string[];
  /** What `postern check` would refuse it for; null: nothing. */
  readonly refused: string | null;
}

/** Each table is read once, however often it is named. */
export class TableContents {
  readonly #known = new Map<string, TableContent>();
  readonly #lines = new Map<string, readonly string[]>();

  /** `text`: of its file; null: it can't be read, and nothing is known of it. Never throws. */
  of(name: TableName, text: string | null): TableContent {
    const known = this.#known.get(name.text) ?? contentOf(name, text);
    this.#known.set(name.text, known);
    return known;
  }

  /** Of the file `path`, to find an entry by: with single blanks. */
  linesOf(path: string, text: string): readonly string[] {
    const known = this.#lines.get(path) ?? text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
    this.#lines.set(path, known);
    return known;
  }
}

function contentOf(name: TableName, text: string | null): TableContent {
  const results = new Set<string>();
  // What a result means is not judged here: a word that is none of Postern's has a reason of its own.
  const parse = (result: string): { ok: true; value: string } => {
    results.add(result);
    return { ok: true, value: result };
  };
  const thread = new IdleThread();
  const { problems } =
    name.source.kind === 'parts'
      ? readParts(name, parse, thread)
      : readBytes(name, bytesOf(text ?? ''), parse, thread);
  const error = problems.find(({ severity }) => severity === 'error');
  const where = name.source.kind === 'parts' ? 'its entry' : 'line';
  return {
    results: [...results],
    refused: error === undefined ? null : `${where} ${error.line}: ${error.what}`,
  };
}

/** Nothing is looked up. */
class IdleThread extends MatchThread {
  override prepare(): void {}
}
