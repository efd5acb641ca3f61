/** What the dry greylist says, and that nothing of it reaches the live one. */

import { expect } from 'chai';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DryStore } from '../../lib/greylist/dry-store.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { readSqlite } from '../../lib/greylist/sqlite-reader.ts';
import type { Origin } from '../../lib/greylist/triplet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, rejection, sqliteStores } from './scratch.ts';

const PTR: Origin = { kind: 'ptr', value: 'example.net' };

describe('The dry greylist', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');

  it('remembers its own attempts where there is no live one', async () => {
    const dry = new DryStore(null);
    expect(await dry.judge(attempt(1), NOON, TIMINGS)).to.deep.equal({
      outcome: 'new',
      waitSeconds: 60,
      tries: 1,
    });
    expect(await dry.judge(attempt(1), NOON + 90 * SECOND, TIMINGS)).to.deep.equal({
      outcome: 'passed',
      delayedSeconds: 90,
      tries: 2,
    });
    expect(await dry.judge(attempt(1), NOON + DAY, TIMINGS)).to.include({ outcome: 'known' });
    expect(await dry.judge(attempt(2), NOON + DAY, TIMINGS)).to.include({ outcome: 'new' });
  });

  it('knows what the running service knows, and leaves it as it is', async () => {
    const { store } = await open(file());
    await store.judge(attempt(1), NOON, TIMINGS);
    const before = await collected(store.list({}, NOON));
    const reader = readSqlite(file());
    const dry = new DryStore(reader);
    expect(await dry.judge(attempt(1), NOON + 20 * SECOND, TIMINGS)).to.include({
      outcome: 'early',
      waitSeconds: 40,
    });
    expect(await dry.judge(attempt(1), NOON + 61 * SECOND, TIMINGS)).to.include({ outcome: 'passed' });
    expect(await dry.judge(attempt(9), NOON, TIMINGS)).to.include({ outcome: 'new' });
    reader.close();
    expect(await collected(store.list({}, NOON))).to.deep.equal(before);
    expect(await store.judge(attempt(1), NOON + 30 * SECOND, TIMINGS)).to.include({
      outcome: 'early',
      tries: 2,
    });
  });

  it('changes no byte of a stopped service, and leaves no file beside it', async () => {
    const { store } = await open(file());
    await store.judge(attempt(1, [network(), PTR]), NOON, TIMINGS);
    await store.close();
    const before = [readdirSync(folder()), readFileSync(file())];
    const reader = readSqlite(file());
    const dry = new DryStore(reader);
    expect(await dry.judge(attempt(1, [PTR]), NOON + 60 * SECOND, TIMINGS)).to.include({ outcome: 'passed' });
    expect(await dry.judge(attempt(1), NOON + DAY, TIMINGS)).to.include({ outcome: 'known' });
    reader.close();
    expect([readdirSync(folder()), readFileSync(file())]).to.deep.equal(before);
  });

  it('rejects with what is wrong with a live one that can not be read', async () => {
    const find = (): never => JSON.parse('{') as never;
    const reader = { find, standing: find, answerableUntilMs: find };
    expect(await rejection(new DryStore(reader).judge(attempt(1), NOON, TIMINGS))).to.be.instanceOf(
      SyntaxError,
    );
  });

  it('says at any time what the live one would say from then on', async function () {
    this.timeout(60_000);
    const origin = fc.record<Origin>({
      kind: fc.constantFrom('network', 'ptr', 'spf'),
      value: fc.oneof(fc.constantFrom('a', 'b'), fc.nat(60).map(String)),
    });
    const step = fc.record({
      afterMs: fc.integer({ min: -9000, max: 30_000 }),
      origins: fc.array(origin, { minLength: 1, maxLength: 12 }),
      sender: fc.constantFrom('alice@example.net', 'eve@example.net'),
      releases: fc.constantFrom(false, false, false, true),
    });
    const timings = { delayMs: 1000, windowMs: 5000, lifetimeMs: 20_000 };
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { maxLength: 12 }),
        async (live, then) => {
          const path = join(folder(), `${run++}.db`);
          const { store } = await open(path);
          // It says the same as SQLite's (spec/fuzz), and is sooner opened.
          const inMemory = openMemoryStore();
          let nowMs = NOON;
          for (const { afterMs, releases, ...one } of live) {
            nowMs += afterMs;
            const asked = { ...one, recipient: 'bob@example.org' };
            for (const each of releases ? [store, inMemory] : [])
              await each.release({ sender: one.sender }, nowMs, timings.lifetimeMs);
            await Promise.all([store.judge(asked, nowMs, timings), inMemory.judge(asked, nowMs, timings)]);
          }
          await store.close();
          const reader = readSqlite(path);
          const dry = new DryStore(reader);
          for (const { afterMs, releases: _, ...one } of then) {
            nowMs += afterMs;
            const asked = { ...one, recipient: 'bob@example.org' };
            const judged = await dry.judge(asked, nowMs, timings);
            expect(judged).to.deep.equal(await inMemory.judge(asked, nowMs, timings));
          }
          reader.close();
        },
      ),
      { numRuns: 25 },
    );
  });
});
