/** Owns what is saved of a damaged file: who need not wait, as far as that can still be read. */

import { existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { nameOf, standingKey, type Key } from './key.ts';
import { eachRow } from './sqlite-rows.ts';
import { COLUMNS, standingOf, type Row } from './sqlite-standings.ts';
import type { Standing } from './standing.ts';
import { FOR_EVER_MS } from './store.ts';

/** Mail waits meanwhile. */
const LONGEST_MS = 1000;

/**
 * Up to the damage from one end of the table, then from the other; for a second at most. Triplets are left: who comes
 * again waits once more. Throws nothing: there may be nothing to read.
 */
export function salvaged(file: string, nowMs: number): readonly Standing[] {
  const found = new Map<string, Standing>();
  const untilMs = performance.now() + LONGEST_MS;
  try {
    const db = new DatabaseSync(file, { readOnly: true, returnArrays: true });
    try {
      if (!read(db, 'ASC', untilMs, found)) read(db, 'DESC', untilMs, found);
    } finally {
      db.close();
    }
  } catch {
    // Not even what a database begins with.
  }
  return [...found.values()].filter(({ expiresMs }) => expiresMs >= nowMs);
}

/** False: not to the end. */
function read(
  db: DatabaseSync,
  order: 'ASC' | 'DESC',
  untilMs: number,
  found: Map<string, Standing>,
): boolean {
  try {
    const all = db.prepare(`SELECT key, ${COLUMNS} FROM standing ORDER BY key ${order}`);
    for (const [key, ...row] of eachRow<[Key, ...Row]>(all)) {
      if (performance.now() > untilMs) return false;
      const standing = standingOf(row);
      // A row whose bytes have turned no longer fits its key, or no clock has told its times.
      const name = nameOf(standingKey(standing));
      if (name === nameOf(key) && isSound(standing)) found.set(name, standing);
    }
    return true;
  } catch {
    return false;
  }
}

function isSound({ count, countedMs, expiresMs }: Standing): boolean {
  return [count, countedMs, expiresMs].every((each) => each >= 0 && each <= FOR_EVER_MS);
}

/**
 * The damaged file of which nothing has been saved yet, through whatever ended before it could be: a link beside the
 * new file, which the kernel makes at once or not at all. Null: there is none.
 */
export function unsalvaged(file: string): string | null {
  try {
    const aside = resolve(dirname(file), readlinkSync(markOf(file)));
    return aside.startsWith(`${resolve(file)}.corrupt-`) && existsSync(aside) ? aside : null;
  } catch {
    return null;
  }
}

/** Before it is moved. A directory that does not let us keeps nothing but the mark. */
export function markUnsalvaged(file: string, movedTo: string): void {
  try {
    unmark(file);
    symlinkSync(basename(movedTo), markOf(file));
  } catch {
    // Salvaged all the same, if nothing ends this process before.
  }
}

export function unmark(file: string): void {
  rmSync(markOf(file), { force: true });
}

function markOf(file: string): string {
  return `${file}-salvage`;
}
