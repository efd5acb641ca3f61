/** Owns a burst of new triplets and the quiet after it: `burst-writer.ts FILE` ends a few seconds later. */

import { setTimeout as pause } from 'node:timers/promises';
import { openSqliteStore } from '../../lib/greylist/sqlite-store.ts';
import { attempt, NOON, TIMINGS } from './attempts.ts';

const ROUNDS = 30;
const PER_ROUND = 1000;

const [file = ''] = process.argv.slice(2);
const store = await openSqliteStore(file, {
  ...{ onEvent: (event) => console.error(event), now: () => NOON, quietMs: 1000 },
});
for (let round = 0; round < ROUNDS; round++)
  await Promise.all(
    Array.from({ length: PER_ROUND }, (_, i) => store.judge(attempt(round * PER_ROUND + i), NOON, TIMINGS)),
  );
console.log('quiet');
await pause(3000);
await store.close();
