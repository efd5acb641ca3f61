/** Owns the reading of a file of the machine that may be no file: bounded, and never held up by a pipe. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

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
  let descriptor: number | null = null;
  try {
    // Not blocking: a named pipe would keep us waiting for somebody to write.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { ok: false, why: 'not a file', code: '' };
    const bytes = stat.size > mostBytes ? null : firstOf(descriptor, mostBytes);
    return bytes === null
      ? { ok: false, why: 'too large', code: '' }
      : { ok: true, text: bytes.toString('utf8') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const code = String(error.code);
    return { ok: false, why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'not readable', code };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Null: there is more. What the kernel makes up as it is read, below /proc, has no size before. */
function firstOf(descriptor: number, mostBytes: number): Buffer | null {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = Buffer.alloc(Math.min(mostBytes + 1 - bytes, CHUNK_BYTES));
    const read = readSync(descriptor, chunk);
    if (read === 0) return Buffer.concat(chunks);
    bytes += read;
    if (bytes > mostBytes) return null;
    chunks.push(chunk.subarray(0, read));
  }
}
