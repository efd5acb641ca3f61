import { expect } from 'chai';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { storeContract } from './store-contract.ts';
import { attempt, NOON, TIMINGS } from './attempts.ts';
import { collected } from './scratch.ts';

describe('the memory store', () => {
  storeContract(() => Promise.resolve(openMemoryStore()));

  it('forgets the longest remembered when it is full', async () => {
    const store = openMemoryStore({ mostTriplets: 2 });
    for (const n of [1, 2, 3]) await store.judge(attempt(n), NOON, TIMINGS);
    const senders = (await collected(store.list({}, NOON))).map((row) => row.sender);
    expect(senders).to.deep.equal(['alice2@example.net', 'alice3@example.net']);
    expect((await store.judge(attempt(1), NOON, TIMINGS)).outcome).to.equal('new');
  });

  it('forgets by itself what is past its time, and counts it as never returned', async () => {
    const expiry = { rounds: { pauseMs: 1, restMs: 1 }, now: () => NOON + TIMINGS.windowMs + 1000 };
    const store = openMemoryStore({ expiry });
    await store.judge(attempt(1), NOON, TIMINGS);
    while ((await store.stats(NOON)).triplets > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await store.counts()).map(({ counts }) => counts['never-returned'])).to.include(1);
    await store.close();
  });

  it('remembers no more answers than triplets, though a message brings a hundred at once', async () => {
    const store = openMemoryStore({ mostTriplets: 2 });
    const answers = [1, 2, 3, 4, 5].map((n) => ({
      sender: `${n}@example.net`,
      recipient: 'bob@example.org',
    }));
    await store.learn(answers, NOON + 1000, NOON);
    expect((await collected(store.answers(NOON))).map(({ sender }) => sender)).to.deep.equal([
      '4@example.net',
      '5@example.net',
    ]);
  });
});
