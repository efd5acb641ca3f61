/** Owns the statements that read and write triplets and the keys that lead to them. */

import type { DatabaseSync } from 'node:sqlite';
import { BY_KEY, ENTRY_COLUMNS } from './sqlite-rows.ts';

export function prepareTriplets(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT ${ENTRY_COLUMNS}, t.id ${BY_KEY}`),
    entry: db.prepare(`SELECT ${ENTRY_COLUMNS} FROM triplet WHERE id = ?`),
    texts: db.prepare('SELECT origins, sender, recipient FROM triplet WHERE id = ?'),
    add: db.prepare(
      `INSERT INTO triplet (${ENTRY_COLUMNS}, origins, sender, recipient) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    write: db.prepare(
      'UPDATE triplet SET first = ?, last = ?, expires = ?, state = ?, delayed = ? WHERE id = ?',
    ),
    link: db.prepare('INSERT INTO key VALUES (?, ?) ON CONFLICT DO UPDATE SET triplet = excluded.triplet'),
    origins: db.prepare('UPDATE triplet SET origins = ? WHERE id = ?'),
    unlink: db.prepare('DELETE FROM key WHERE key = ? AND triplet = ?'),
    remove: db.prepare('DELETE FROM triplet WHERE id = ?'),
  };
}
