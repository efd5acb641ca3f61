/** Owns one life of a store under load: `kill-writer.ts FILE FIRST` prints each triplet once it is acknowledged. */

import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { attempt, NOON, TIMINGS } from './attempts.ts';

const [file = '', first = '0'] = process.argv.slice(2);
const store = await openSqliteStore(file, { onEvent: (event) => console.error(event), now: () => NOON });
let n = Number(first);
for (let stream = 0; stream < 16; stream++) void defer();

async function defer(): Promise<void> {
  for (;;) {
    const mine = n++;
    await store.judge(attempt(mine), NOON, TIMINGS);
    acknowledge(`${mine}\n`);
  }
}

/** A reader that is slow must not end this, and what was acknowledged must not be left out. */
function acknowledge(line: string): void {
  for (;;)
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
}
