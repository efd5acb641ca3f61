/** Owns what every store must do; a spec of each implementation runs it. */

import { expect } from 'chai';
import type { Store } from '../../lib/greylist/store.ts';
import { MOST_ORIGINS, type Attempt, type Origin } from '../../lib/greylist/triplet.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, expireAll, rejection } from './scratch.ts';

const PTR: Origin = { kind: 'ptr', value: 'example.net' };
const SPF: Origin = { kind: 'spf', value: 'example.net' };

export function storeContract(open: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  const outcome = async (one: Attempt, atMs: number): Promise<string> =>
    (await store.judge(one, atMs, TIMINGS)).outcome;

  it('goes from new over early and passed to known, and forgets what was not used for a lifetime', async () => {
    expect(await store.judge(attempt(1), NOON, TIMINGS)).to.deep.equal({
      outcome: 'new',
      waitSeconds: 60,
      tries: 1,
    });
    expect(await store.judge(attempt(1), NOON + 1, TIMINGS)).to.deep.equal({
      outcome: 'early',
      waitSeconds: 60,
      tries: 2,
    });
    expect(await store.judge(attempt(1), NOON + 305 * SECOND, TIMINGS)).to.deep.equal({
      outcome: 'passed',
      delayedSeconds: 305,
      tries: 3,
    });
    expect(await store.judge(attempt(1), NOON + 36 * DAY, TIMINGS)).to.deep.equal({
      outcome: 'known',
      tries: 4,
    });
    expect(await outcome(attempt(1), NOON + 72 * DAY)).to.equal('known');
    expect(await outcome(attempt(1), NOON + 109 * DAY)).to.equal('new');
  });

  it('judges many at once, each as if it were alone', async () => {
    const many = Array.from({ length: 700 }, (_, i) => attempt(i));
    const judged = await Promise.all(many.map((one) => outcome(one, NOON)));
    expect(new Set(judged)).to.deep.equal(new Set(['new']));
    const again = await Promise.all(many.map((one) => outcome(one, NOON + 60 * SECOND)));
    expect(new Set(again)).to.deep.equal(new Set(['passed']));
  });

  it('counts the same one many times at once as one triplet', async () => {
    const judged = await Promise.all(Array.from({ length: 20 }, () => outcome(attempt(1), NOON)));
    expect(judged.filter((one) => one === 'new')).to.have.length(1);
    expect(judged.filter((one) => one === 'early')).to.have.length(19);
  });

  it('keeps senders, recipients and origins apart', async () => {
    await outcome(attempt(1), NOON);
    expect(await outcome(attempt(2), NOON)).to.equal('new');
    expect(await outcome({ ...attempt(1), recipient: 'eve@example.org' }, NOON)).to.equal('new');
    expect(await outcome(attempt(1, [network('198.51.100.0/24')]), NOON)).to.equal('new');
    expect(await outcome(attempt(1, [{ kind: 'ptr', value: '192.0.2.0/24' }]), NOON)).to.equal('new');
  });

  it('knows a provider that retries from another network by any origin that is the same', async () => {
    await outcome(attempt(1, [SPF, PTR, network()]), NOON);
    expect(await outcome(attempt(1, [PTR, network('198.51.100.0/24')]), NOON + 60 * SECOND)).to.equal(
      'passed',
    );
    expect(await outcome(attempt(1, [network('198.51.100.0/24')]), NOON + 61 * SECOND)).to.equal('known');
    expect(await outcome(attempt(1, [network()]), NOON + 61 * SECOND)).to.equal('known');
  });

  it('lets the earliest rule when several were seen, and leaves the others what they were', async () => {
    await outcome(attempt(1, [PTR, network('203.0.113.0/24')]), NOON + 30 * SECOND);
    await outcome(attempt(1, [network()]), NOON);
    expect(await outcome(attempt(1, [PTR, network()]), NOON + 70 * SECOND)).to.equal('passed');
    expect(await outcome(attempt(1, [PTR]), NOON + 70 * SECOND)).to.equal('known');
    expect(await outcome(attempt(1, [network('203.0.113.0/24')]), NOON + 70 * SECOND)).to.equal('early');
  });

  it('remembers a bounded number of origins of one triplet, the youngest', async () => {
    for (let i = 0; i <= MOST_ORIGINS; i++)
      expect(await outcome(attempt(1, [SPF, network(`198.51.${i}.0/24`)]), NOON)).to.equal(
        i === 0 ? 'new' : 'early',
      );
    expect(await outcome(attempt(1, [network('198.51.0.0/24')]), NOON)).to.equal('new');
    expect(await outcome(attempt(1, [network(`198.51.${MOST_ORIGINS}.0/24`)]), NOON)).to.equal('early');
  });

  it('refuses an attempt without origins as a mistake of its caller', async () => {
    expect(await rejection(store.judge(attempt(1, []), NOON, TIMINGS))).to.be.instanceOf(RangeError);
  });

  it('takes any text for an address', async () => {
    const odd = ['', '\0', 'a\0b', '\ud800', '\n', "'", '\u{1f4ee}', 'x'.repeat(70_000)];
    const attempts = odd.map((sender) => ({ ...attempt(1, [{ kind: 'ptr', value: sender }]), sender }));
    for (const one of attempts) expect(await outcome(one, NOON)).to.equal('new');
    for (const one of attempts) expect(await outcome(one, NOON + 60 * SECOND)).to.equal('passed');
    expect(await expireAll(store, NOON + 100 * DAY)).to.equal(odd.length);
    expect(await collected(store.list({}, NOON))).to.deep.equal([]);
  });

  it('lists what an administrator needs, in the order of first sight', async () => {
    await outcome(attempt(1, [PTR, network()]), NOON);
    await outcome(attempt(2), NOON + SECOND);
    await outcome(attempt(1, [PTR, network()]), NOON + 60 * SECOND);
    const rows = await collected(store.list({}, NOON + 61 * SECOND));
    expect(rows).to.deep.equal([
      {
        origins: [PTR, network()],
        sender: 'alice1@example.net',
        recipient: 'bob@example.org',
        state: 'passed',
        passed: true,
        firstMs: NOON,
        lastMs: NOON + 60 * SECOND,
        tries: 2,
        expiresMs: NOON + 60 * SECOND + 36 * DAY,
      },
      {
        origins: [network()],
        sender: 'alice2@example.net',
        recipient: 'bob@example.org',
        state: 'waiting',
        passed: false,
        firstMs: NOON + SECOND,
        lastMs: NOON + SECOND,
        tries: 1,
        expiresMs: NOON + SECOND + 2 * DAY,
      },
    ]);
    const [expired] = await collected(store.list({ state: 'expired', sender: 'alice2' }, NOON + 3 * DAY));
    expect(expired).to.have.property('sender', 'alice2@example.net');
  });

  it('never lists a last try in the future, or before the first', async () => {
    const [early, late] = [NOON + 400, NOON + 60_900];
    await outcome(attempt(1), early);
    const [once] = await collected(store.list({}, early));
    expect(once).to.deep.include({ firstMs: early, lastMs: early });
    await outcome(attempt(1), late);
    const [twice] = await collected(store.list({}, late));
    expect(twice).to.deep.include({ firstMs: early, lastMs: NOON + 60 * SECOND });
  });

  it('lists more than one page', async () => {
    await Promise.all(Array.from({ length: 1001 }, (_, i) => outcome(attempt(i), NOON)));
    expect(await collected(store.list({}, NOON))).to.have.length(1001);
    expect(await collected(store.list({ sender: 'alice1000@' }, NOON))).to.have.length(1);
  });

  it('counts', async () => {
    const none = { triplets: 0, waiting: 0, passed: 0, expired: 0, oldestMs: null, newestMs: null };
    expect(await store.stats(NOON)).to.deep.include(none);
    for (const n of [1, 2, 3]) await outcome(attempt(n), NOON + n);
    await outcome(attempt(1), NOON + 61 * SECOND);
    const counts = { triplets: 3, waiting: 2, passed: 1, expired: 0, oldestMs: NOON + 1, newestMs: NOON + 3 };
    expect(await store.stats(NOON + 61 * SECOND)).to.deep.include(counts);
    expect(await store.stats(NOON + 3 * DAY)).to.deep.include({
      triplets: 3,
      waiting: 0,
      passed: 1,
      expired: 2,
    });
  });

  it('removes in slices what is past its time, and nothing else', async () => {
    await Promise.all(Array.from({ length: 5000 }, (_, i) => outcome(attempt(i), NOON)));
    await Promise.all([0, 2500, 4999].map((i) => outcome(attempt(i), NOON + 60 * SECOND)));
    expect(await expireAll(store, NOON + 2 * DAY)).to.equal(0);
    expect((await store.expire(NOON + 3 * DAY)).done).to.equal(false);
    await expireAll(store, NOON + 3 * DAY);
    expect((await collected(store.list({}, NOON))).map((row) => row.sender)).to.deep.equal(
      [0, 2500, 4999].map((i) => `alice${i}@example.net`),
    );
    expect(await outcome(attempt(2500), NOON + 3 * DAY)).to.equal('known');
    expect(await outcome(attempt(2501), NOON + 3 * DAY)).to.equal('new');
  });

  it('does not remove what was just used, nor what an earlier triplet took over', async () => {
    await outcome(attempt(1, [PTR]), NOON + 90 * SECOND);
    await outcome(attempt(1, [network()]), NOON);
    // The triplet of the network takes the PTR over and lives on; the other one is left behind and expires.
    await outcome(attempt(1, [PTR, network()]), NOON + 100 * SECOND);
    await outcome(attempt(1, [PTR]), NOON + 30 * DAY);
    expect(await expireAll(store, NOON + 40 * DAY)).to.equal(1);
    expect(await outcome(attempt(1, [PTR]), NOON + 60 * DAY)).to.equal('known');
    expect(await outcome(attempt(1, [network()]), NOON + 60 * DAY)).to.equal('known');
  });

  it('answers what was asked before it was closed, and nothing after', async () => {
    const asked = store.judge(attempt(1), NOON, TIMINGS);
    await store.close();
    expect((await asked).outcome).to.equal('new');
    expect(await rejection(store.judge(attempt(2), NOON, TIMINGS))).to.include({
      name: 'StoreError',
      cause: 'closed',
    });
    await store.close();
  });
}
