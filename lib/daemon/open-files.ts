/** Owns how many connections the process may open. */

import { readFileSync } from 'node:fs';

/** Descriptors that we need besides: database, logs, listeners, Node's own. */
const OTHERS = 64;

/** Infinity: nobody says. */
export function sparedDescriptors(): number {
  return openFilesLimit() - OTHERS;
}

/** RLIMIT_NOFILE: beyond it the kernel refuses connections, and nobody would be told. */
function openFilesLimit(): number {
  try {
    const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    return Number.isFinite(limit) ? Math.max(limit, OTHERS + 16) : Infinity;
  } catch {
    return Infinity;
  }
}
