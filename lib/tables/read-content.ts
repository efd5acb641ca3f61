/** Owns making a table's content of bytes, a slice at a time, so that everybody else's mail goes on meanwhile. */

import { bytesOf } from './bytes.ts';
import { readInline } from './inline.ts';
import { KeyReader } from './keys.ts';
import { LogicalLines, type LogicalLine } from './logical-lines.ts';
import type { MatchThread } from './match-thread.ts';
import { newReader } from './new-reader.ts';
import { Problems } from './problems.ts';
import { Results } from './results.ts';
import type { Content, ParseResult } from './table.ts';
import type { Problem } from '../yaml/problem.ts';
import type { TableName } from './table-name.ts';

export interface ReadContent<R> {
  readonly content: Content<R>;
  /** There is an error among the problems. */
  readonly broken: boolean;
  readonly problems: readonly Problem[];
}

/** How a reading gives way to others; called after each line and chunk. */
export type Pause = () => Promise<void> | null;

/** `chunks` are bytes, wherever they are cut. Rejects only if they do. */
export async function readContent<R>(
  { kind }: TableName,
  file: string,
  chunks: AsyncIterable<string>,
  parseResult: ParseResult<R>,
  thread: MatchThread,
  pause: Pause,
): Promise<ReadContent<R>> {
  const problems = new Problems(file);
  const reader = newReader(kind, parseResult, problems, thread);
  const lines = new LogicalLines(problems);
  const addAll = async (whole: Iterable<LogicalLine>): Promise<void> => {
    for (const line of whole) {
      reader.add(line);
      const rest = pause();
      if (rest !== null) await rest;
    }
  };
  for await (const chunk of chunks) await addAll(lines.push(chunk));
  await addAll(lines.end());
  return { content: reader.finish(), broken: problems.broken, problems: problems.list() };
}

/** A table whose entries stand in its name: short, so all at once. */
export function readParts<R>(
  name: TableName,
  parseResult: ParseResult<R>,
  thread: MatchThread,
): ReadContent<R> {
  const problems = new Problems(name.text);
  const { source, kind } = name;
  const parts = source.kind === 'parts' ? source.parts : [];
  if (kind === 'inline') {
    const reader = new KeyReader(new Results(parseResult), problems, true);
    readInline(parts, reader, problems);
    return { content: reader.finish(), broken: problems.broken, problems: problems.list() };
  }
  const text = parts.map((part) => `${bytesOf(part.text.trim())}\n`).join('');
  return readBytes(name, text, parseResult, thread);
}

/** All of a file at once, for whoever only wants to know what is in it. */
export function readBytes<R>(
  { kind, text: name }: TableName,
  bytes: string,
  parseResult: ParseResult<R>,
  thread: MatchThread,
): ReadContent<R> {
  const problems = new Problems(name);
  const reader = newReader(kind, parseResult, problems, thread);
  const lines = new LogicalLines(problems);
  for (const line of lines.push(bytes)) reader.add(line);
  for (const line of lines.end()) reader.add(line);
  return { content: reader.finish(), broken: problems.broken, problems: problems.list() };
}
