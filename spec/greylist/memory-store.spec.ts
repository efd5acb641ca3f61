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
