/** Owns the file of a table on the disk: its bytes, its state, and why it can't be read. */

import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/** Some 5 million addresses. */
const MOST_BYTES = 256 << 20;
const CHUNK_BYTES = 1 << 16;

/** A file that can't be read; `what` and `instead` are for people. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  readonly what: string;
  readonly instead: string | null;

  constructor(what: string, instead: string | null) {
    super(what);
    this.what = what;
    this.instead = instead;
  }
}

/** Changes whenever the file does; null: there is none that we may look at. */
export async function fileState(path: string): Promise<FileState | null> {
  try {
    return stateOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

export interface FileState {
  /** Which file the name stands for. */
  readonly identity: string;
  /** What it was like. */
  readonly version: string;
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileState {
  return { identity: `${dev}:${ino}`, version: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}` };
}

/** Gives the chunks to `read`, one character for each byte; with the state that the file had before. Rejects with FileFault. */
export async function readFile<T>(
  path: string,
  read: (chunks: AsyncIterable<string>) => Promise<T>,
): Promise<{ readonly state: FileState; readonly result: T }> {
  const file = await opened(path);
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new FileFault('this is not a file', 'name the file with the entries');
    if (stats.size > BigInt(MOST_BYTES)) throw tooLarge();
    return { state: stateOf(stats), result: await read(chunksOf(file)) };
  } catch (error) {
    throw faultOf(error);
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    // Not blocking: a named pipe would keep us waiting for somebody to write.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw faultOf(error);
  }
}

async function* chunksOf(file: FileHandle): AsyncGenerator<string, void> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let total = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    total += bytesRead;
    // It may grow while it is read.
    if (total > MOST_BYTES) throw tooLarge();
    yield buffer.toString('latin1', 0, bytesRead);
  }
}

function tooLarge(): FileFault {
  return new FileFault('the file is larger than 256 MiB', 'is it the right file?');
}

/** What is no system error is a bug, and stays what it is. */
function faultOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FileFault) return error;
  const code = 'syscall' in error && 'code' in error ? String(error.code) : null;
  if (code === null) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new FileFault('no such file', 'write it, or correct its name');
  const instead = code === 'EACCES' ? 'let the user that runs postern read it' : null;
  return new FileFault(`it can't be read (${code})`, instead);
}
