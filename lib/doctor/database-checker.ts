/** A program: reads the whole of the database that it is given, and prints what it finds, one JSON object a line. */

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** Later ones are told of by their ids too, in the order in which they came. */
const NEWEST = 'SELECT max(first) AS newestMs FROM (SELECT first FROM triplet ORDER BY id DESC LIMIT 1000)';
const COUNT = 'SELECT count(*) AS rows FROM triplet';

function tell(found: unknown): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

const path = process.argv[2]!;
// Without a log nobody writes; opened as a file that does not change, it gets none by us.
const still = !existsSync(`${path}-wal`);
try {
  const db = new DatabaseSync(still ? `${pathToFileURL(path).href}?immutable=1` : path, {
    readOnly: true,
    timeout: 1000,
  });
  tell(db.prepare(NEWEST).get());
  tell(db.prepare(COUNT).get());
  // The first of its complaints is enough.
  tell({ whole: Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0] });
} catch (error) {
  tell(
    error instanceof Error && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff)
      ? { whole: error.message }
      : { failed: String(error) },
  );
}
