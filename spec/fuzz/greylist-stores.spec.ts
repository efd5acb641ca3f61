import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Origin } from '../../lib/greylist/triplet.ts';
import { NOON } from '../greylist/attempts.ts';
import { expireAll, sqliteStores } from '../greylist/scratch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Short, so that a random walk in time meets all of them. */
const TIMINGS = { delayMs: 1000, windowMs: 5000, lifetimeMs: 20_000 };

const origin = fc.record<Origin>({
  kind: fc.constantFrom('network', 'ptr', 'spf'),
  value: fc.constantFrom('a', 'b'),
});
const judged = fc.record({
  kind: fc.constant('judge' as const),
  origins: fc.array(origin, { minLength: 1, maxLength: 3 }),
  sender: fc.constantFrom('alice@example.net', 'eve@example.net'),
});
const steps = fc.array(
  fc.record({
    // Mostly forward, now and then back.
    passMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }) },
      fc.integer({ min: -9000, max: 30_000 }),
    ),
    together: fc.array(judged, { minLength: 1, maxLength: 3 }),
    expire: fc.constantFrom(false, false, false, true),
    release: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 30 },
);

describe('the memory and the SQLite store, for any sequence of attempts', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();

  it('judge the same, keep the same and expire the same', async function () {
    this.timeout(60_000);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { store: sqlite } = await open(join(folder(), `${run++}.db`));
        const memory = openMemoryStore();
        const [one, other] = [await history(memory, list), await history(sqlite, list)];
        expect(other).to.deep.equal(one);
        await sqlite.close();
      }),
      { numRuns: 40 },
    );
  });
});

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** All that can be seen of a store while it goes through the steps. */
async function history(store: Store, list: Steps): Promise<unknown[]> {
  const seen: unknown[] = [];
  let nowMs = NOON;
  for (const { passMs, together, expire, release } of list) {
    nowMs += passMs;
    const at = nowMs;
    seen.push(
      await Promise.all(
        together.map(({ origins, sender }) =>
          store.judge({ origins, sender, recipient: 'bob@example.org' }, at, TIMINGS),
        ),
      ),
    );
    // A used one that SQLite has not written yet may outlive one walk, and is not judged by it.
    if (expire) await expireAll(store, nowMs);
    if (release) seen.push(await store.release({ sender: 'alice' }, nowMs, TIMINGS.lifetimeMs));
  }
  seen.push(
    await store.judge({ origins: [{ kind: 'ptr', value: 'a' }], sender: '', recipient: '' }, nowMs, TIMINGS),
  );
  return seen;
}
