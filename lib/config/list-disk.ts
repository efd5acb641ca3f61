/** Owns ListFiles over the disk and an environment: bounded reads that no pipe, directory or huge file holds up. */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { FileText, ListFiles } from './list-files.ts';

export function listDisk(env: Readonly<Record<string, string | undefined>>): ListFiles {
  return { read: readBounded, variable: (name) => env[name] };
}

function readBounded(path: string, mostBytes: number): FileText {
  let descriptor: number | null = null;
  try {
    // Not blocking: a named pipe would keep us waiting for somebody to write.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { ok: false, why: 'not a file' };
    if (stat.size > mostBytes) return { ok: false, why: 'too large' };
    return { ok: true, text: readFileSync(descriptor, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return { ok: false, why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'not readable' };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
