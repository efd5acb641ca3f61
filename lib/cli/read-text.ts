/** Owns the reading of a file that somebody named: a regular file of a size that makes sense, or the standard input. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A main.cf has some 30 kB, a table perhaps a hundred thousand lines. */
const MOST_BYTES = 4 << 20;
const CHUNK_BYTES = 1 << 16;

/** `why` is a clause about `path`. `absent`: there is no such file, or none that we may see. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string; readonly absent: boolean };

/** 0: the standard input. Never throws for what is wrong with a file. */
export function readText(path: string | 0): ReadText {
  let file: number | null = null;
  try {
    // Not blocking: a named pipe would keep us waiting for somebody to write.
    file = path === 0 ? 0 : openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (path !== 0 && !fstatSync(file).isFile()) return unread('it is no regular file');
    const bytes = firstOf(file);
    if (bytes.length > MOST_BYTES) return unread(`it is larger than ${MOST_BYTES >> 20} MiB`);
    return { ok: true, text: bytes.toString('utf8') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { ok: false, why: whyNot(String(error.code)), absent: true };
  } finally {
    if (file !== null && file !== 0) closeSync(file);
  }
}

/** As lib/config/load-config.ts says it. */
function whyNot(code: string): string {
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'this is not a file';
  return `it can't be read (${code})`;
}

function unread(why: string): ReadText {
  return { ok: false, why, absent: false };
}

/** Not more than one byte too many, whatever there is. */
function firstOf(file: number): Buffer {
  const chunks: Buffer[] = [];
  for (let left = MOST_BYTES + 1; left > 0;) {
    const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES));
    const read = readSync(file, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    left -= read;
  }
  return Buffer.concat(chunks);
}
