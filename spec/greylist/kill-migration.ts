/** Owns a migration that does not come to its end: `kill-migration.ts FILE` is killed after its last step, before COMMIT. */

import { DatabaseSync } from 'node:sqlite';
import { migrate, MIGRATIONS } from '../../lib/greylist/sqlite-schema.ts';

const [file = ''] = process.argv.slice(2);
const db = new DatabaseSync(file);
// What does not fit here goes to the disk before the COMMIT, as of a migration that changes much.
db.exec('PRAGMA cache_size = 1');
db.function('die', () => {
  process.kill(process.pid, 'SIGKILL');
  return 0;
});
const touched = 'UPDATE triplet SET delayed = 1, sender = sender || sender';
migrate(db, file, { migrations: [...MIGRATIONS, touched, 'SELECT die()'] });
