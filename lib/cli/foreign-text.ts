/** Owns the reading of another greylister's database as text, line by line, however large it is. */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, createReadStream, fstatSync, openSync, readSync, constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { DumpError } from '../import/db-dump.ts';

export interface ForeignText {
  /** Octets as latin1, without the line ends. Throws DumpError. */
  readonly lines: AsyncIterable<string>;
  /** Before its end has come. */
  close(): void;
}

/** postgrey keeps a key to 1.5 kB, and no address is longer. */
const LONGEST_LINE = 1 << 16;

/** Opened at once, so that whoever reads it later need not have the right to. Throws DumpError. */
export function openText(path: string): ForeignText {
  const { descriptor } = opened(path);
  const stream = createReadStream('', { fd: descriptor, encoding: 'latin1' });
  return { lines: linesOf(stream), close: () => stream.destroy() };
}

/**
 * A database of BerkeleyDB, which `db_dump` is asked for, or the text that this printed. Throws DumpError; so does
 * reading, if the program fails.
 */
export function openDump(path: string): ForeignText {
  const { descriptor, beginning } = opened(path);
  closeSync(descriptor);
  if (beginning.toString('latin1').startsWith('VERSION=')) return openText(path);
  if (!isBerkeleyDb(beginning))
    throw new DumpError('it is neither a database of BerkeleyDB nor what db_dump prints');
  const program = PROGRAMS.find(isThere);
  if (program === undefined)
    throw new DumpError(
      `it can be read by db_dump alone, which is not here: apt-get install db5.3-util (or take what db5.3_dump -p -h ${dirname(path)} ${basename(path)} prints into a file ${basename(path, '.db')}.dump)`,
    );
  return dumped(program, path);
}

const BEGINNING_BYTES = 4096;

/** Enough to tell what it is; as latin1. Empty: it can't be read. */
export function beginningOf(path: string): string {
  try {
    const { descriptor, beginning } = opened(path);
    closeSync(descriptor);
    return beginning.toString('latin1');
  } catch (error) {
    if (error instanceof DumpError) return '';
    throw error;
  }
}

const PROGRAMS = ['db5.3_dump', 'db_dump', 'db_dump-5.3', 'db53_dump', 'db5_dump'];

function isThere(program: string): boolean {
  return spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;
}

/** With its environment (-h): without that, what a running postgrey has not yet written is missing, and nothing says so. */
function dumped(program: string, path: string): ForeignText {
  const child = spawn(program, ['-p', '-h', dirname(path), basename(path)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // At once: Node throws away what nobody has begun to read when the program ends.
  const output = child.stdout.pipe(new PassThrough({ encoding: 'latin1' }));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(0, 500)));
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  async function* lines(): AsyncGenerator<string> {
    yield* linesOf(output);
    if ((await ended) !== 0)
      throw new DumpError(`${program} can't read it: ${complaint.trim().split('\n')[0] ?? 'it ended early'}`);
  }
  return { lines: lines(), close: () => void child.kill() };
}

/** The magic number of a btree or hash in either byte order, at offset 12 of its first page (db_page.h). */
function isBerkeleyDb(beginning: Buffer): boolean {
  if (beginning.length < 16) return false;
  return [beginning.readUInt32LE(12), beginning.readUInt32BE(12)].some(
    (magic) => magic === 0x053162 || magic === 0x061561,
  );
}

function opened(path: string): { readonly descriptor: number; readonly beginning: Buffer } {
  try {
    // Not blocking: a named pipe would keep us waiting for somebody to write.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) {
      closeSync(descriptor);
      throw new DumpError('it is no regular file');
    }
    const beginning = Buffer.alloc(BEGINNING_BYTES);
    return {
      descriptor,
      beginning: beginning.subarray(0, readSync(descriptor, beginning, 0, BEGINNING_BYTES, 0)),
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new DumpError(`it can't be read (${String(error.code)})`);
  }
}

async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (rest.length > LONGEST_LINE)
      throw new DumpError('it has a line that is far too long: is it the right file?');
  }
  if (rest !== '') yield rest;
}
