/** Owns the reading of a file of the machine that may be no file: bounded, and never held up by a pipe. */

import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';

/** What a file has in it, or why nobody knows. `code`: of the system's error, such as `EACCES`; empty: there was none. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly why: 'missing' | 'too large' | 'not a file' | 'not readable';
      readonly code: string;
    };

const CHUNK_BYTES = 1 << 16;

/** In UTF-8. Never throws for what is wrong with a file. */
export function readRegularFile(path: string, mostBytes: number): FileText {
  try {
    return withRegularFile(path, (descriptor, { size }) => {
      const bytes = size > mostBytes ? null : beginningOf(descriptor, mostBytes + 1);
      return bytes === null || bytes.length > mostBytes
        ? { ok: false, why: 'too large', code: '' }
        : { ok: true, text: bytes.toString('utf8') };
    });
  } catch (error) {
    if (error instanceof NotAFile) return { ok: false, why: 'not a file', code: '' };
    if (!(error instanceof Error && 'code' in error)) throw error;
    const code = String(error.code);
    return { ok: false, why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'not readable', code };
  }
}

/** There is something of that name, and it is no file. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
}

/** The descriptor is open only as long as `look` runs. Throws NotAFile, or the system's error. */
export function withRegularFile<T>(path: string, look: (descriptor: number, stat: BigIntStats) => T): T {
  // Not blocking: a named pipe would keep us waiting for somebody to write.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw new NotAFile(path);
    return look(descriptor, stat);
  } finally {
    closeSync(descriptor);
  }
}

/** So many bytes, or all that there are. What the kernel makes up as it is read, below /proc, has no size before. */
export function beginningOf(descriptor: number, mostBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let left = mostBytes; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES));
    const read = readSync(descriptor, chunk);
    if (read === 0) break;
    left -= read;
    chunks.push(chunk.subarray(0, read));
  }
  return Buffer.concat(chunks);
}
