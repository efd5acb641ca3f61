/** Owns what every store must do; a spec of each implementation runs it. */

import { expect } from 'chai';
import type { Timings } from '../../lib/greylist/judge.ts';
import type { Store } from '../../lib/greylist/store.ts';
import {
  MOST_ORIGINS,
  SOFT_FIRST,
  MOST_TOLD,
  type Attempt,
  type Origin,
  type Proof,
  type Subject,
} from '../../lib/greylist/triplet.ts';
import { adoptionContract } from './adoption-contract.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, expireAll, rejection } from './scratch.ts';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOON_DAY = NOON / DAY - 0.5;

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
        delayedSeconds: 60,
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
        delayedSeconds: 0,
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

  describe('of who has shown himself', () => {
    const HOST: Subject = { kind: 'address', value: '192.0.2.10' };
    const timings: Timings = { ...TIMINGS, allowAfter: 3, capMs: 45 * MINUTE };
    const shown = (n: number, proof: Partial<Proof> = {}): Attempt => ({
      ...attempt(n, [SPF, network()]),
      proof: { subjects: [HOST, SPF], ownsSender: true, mayCap: true, ...proof },
    });
    const judged = async (one: Attempt, atMs: number): Promise<string> =>
      (await store.judge(one, atMs, timings)).outcome;
    /** One more triplet passes, which begins a minute before. */
    const passes = async (n: number, atMs: number, proof?: Partial<Proof>): Promise<void> => {
      await judged(shown(n, proof), atMs - MINUTE);
      expect(await judged(shown(n, proof), atMs)).to.equal('passed');
    };

    it('lets in whose host or domain has passed often enough, an hour apart, for a lifetime', async () => {
      for (const n of [1, 2]) await passes(n, NOON + n * HOUR);
      expect(await judged(shown(3), NOON + 4 * HOUR)).to.equal('new');
      await judged(shown(3), NOON + 4 * HOUR + MINUTE);
      expect(await store.judge(shown(4), NOON + 5 * HOUR, timings)).to.deep.equal({
        outcome: 'allowed',
        subject: 0,
      });
      const elsewhere = { subjects: [{ kind: 'address', value: '198.51.100.1' } as const, SPF] };
      expect(await store.judge(shown(4, elsewhere), NOON + 5 * HOUR, timings)).to.deep.equal({
        outcome: 'allowed',
        subject: 1,
      });
      // A day's use makes the lifetime begin anew.
      expect(await judged(shown(5), NOON + 30 * DAY)).to.equal('allowed');
      expect(await judged(shown(6), NOON + 60 * DAY)).to.equal('allowed');
      expect(await judged(shown(7), NOON + 97 * DAY)).to.equal('new');
      expect(await collected(store.list({}, NOON + 5 * HOUR))).to.have.length(4);
    });

    it('counts one triplet an hour, so that nobody earns it in one run', async () => {
      for (let n = 1; n <= 10; n++) await passes(n, NOON + n * 5 * MINUTE);
      expect(await judged(shown(11), NOON + 55 * MINUTE)).to.equal('new');
    });

    it('counts again once what an administrator granted for a time is over, also before that row is gone', async () => {
      await store.grant(HOST, NOON + HOUR, NOON);
      for (const n of [2, 3, 4]) await passes(n, NOON + n * HOUR, { subjects: [HOST] });
      expect(await judged(shown(5, { subjects: [HOST] }), NOON + 6 * HOUR)).to.equal('allowed');
    });

    it('gives nothing for tries that come too early', async () => {
      const slow = { ...timings, delayMs: DAY };
      for (let n = 0; n < 9; n++) await store.judge(shown(1), NOON + n * HOUR, slow);
      expect(await collected(store.standings(NOON))).to.deep.equal([]);
    });

    it('gives nothing to a network or the name of an organisation', async () => {
      const subjects = [network(), PTR];
      for (let n = 1; n <= 9; n++) await passes(n, NOON + n * HOUR, { subjects });
      expect(await judged(shown(10, { subjects }), NOON + 10 * HOUR)).to.equal('new');
      expect(await collected(store.standings(NOON))).to.deep.equal([]);
    });

    it('gives nothing where nobody may earn anything', async () => {
      for (let n = 1; n <= 3; n++) {
        await store.judge(shown(n), NOON + n * HOUR, TIMINGS);
        await store.judge(shown(n), NOON + n * HOUR + MINUTE, TIMINGS);
      }
      expect(await collected(store.standings(NOON))).to.deep.equal([]);
    });

    it('takes away what was earned, and what was not earned yet', async () => {
      for (const n of [1, 2, 3]) await passes(n, NOON + n * HOUR);
      expect(await store.earned([SPF, network(), HOST], NOON)).to.deep.equal([SPF, HOST]);
      expect(await store.revoke([HOST], NOON)).to.deep.equal([HOST]);
      expect(await store.earned([HOST], NOON)).to.deep.equal([]);
      expect(await judged(shown(4, { subjects: [HOST] }), NOON + 4 * HOUR)).to.equal('new');
      expect(await judged(shown(4), NOON + 4 * HOUR)).to.equal('allowed');
      await passes(5, NOON + 5 * HOUR, { subjects: [HOST] });
      expect(await store.revoke([HOST, SPF], NOON), 'who still waited has lost nothing').to.deep.equal([SPF]);
      expect(await store.revoke([HOST, SPF], NOON)).to.deep.equal([]);
      expect(await collected(store.standings(NOON))).to.deep.equal([]);
    });

    it('leaves alone what an administrator has granted, until he withdraws it', async () => {
      await store.grant(network(), null, NOON);
      await store.grant(HOST, NOON + DAY, NOON);
      expect(await store.revoke([HOST, network()], NOON)).to.deep.equal([]);
      expect(await store.earned([HOST], NOON)).to.deep.equal([]);
      expect(await judged(shown(1), NOON)).to.equal('allowed');
      expect(await judged(shown(1, { subjects: [HOST] }), NOON + 2 * DAY)).to.equal('new');
      expect(await judged(shown(1, { subjects: [HOST, network()] }), NOON + 9000 * DAY)).to.equal('allowed');
      const [held] = await collected(store.standings(NOON + 2 * DAY));
      expect(held).to.deep.include({ ...network(), granted: true, allowed: true });
      expect([await store.withdraw(network(), NOON), await store.withdraw(network(), NOON)]).to.deep.equal([
        true,
        false,
      ]);
      expect(await judged(shown(2, { subjects: [network()] }), NOON)).to.equal('new');
    });

    it('lets a correspondent answer who owns his address, for as long as it was said', async () => {
      const [theirs] = [{ sender: 'alice1@example.net', recipient: 'bob@example.org' }];
      await store.learn([theirs], NOON + DAY, NOON);
      await store.learn([theirs], NOON + 60 * SECOND, NOON);
      expect(await judged(shown(1), NOON + DAY)).to.equal('answered');
      expect(await judged(shown(1, { ownsSender: false }), NOON)).to.equal('new');
      expect(await judged(shown(2), NOON)).to.equal('new');
      expect(await judged({ ...shown(1), recipient: 'carol@example.org' }, NOON)).to.equal('new');
      expect(await judged(shown(1), NOON + DAY + MINUTE)).to.equal('passed');
      expect(await judged({ ...attempt(1), recipient: 'bob@example.org' }, NOON)).to.equal('known');
    });

    it('tells who may answer whom, until he may no more', async () => {
      const theirs = (n: number) => ({ sender: `alice${n}@example.net`, recipient: 'bob@example.org' });
      await store.learn([theirs(1), theirs(2)], NOON + DAY, NOON);
      await store.learn([theirs(2)], NOON + 2 * DAY, NOON);
      const open = await collected(store.answers(NOON));
      expect(open).to.have.deep.members([
        { ...theirs(1), untilMs: NOON + DAY },
        { ...theirs(2), untilMs: NOON + 2 * DAY },
      ]);
      expect(await collected(store.answers(NOON + 2 * DAY))).to.deep.equal([
        open.find((one) => one.sender === 'alice2@example.net'),
      ]);
      const many = Array.from({ length: 1001 }, (_, n) => theirs(n));
      await store.learn(many, NOON + 3 * DAY, NOON);
      expect(await collected(store.answers(NOON + 3 * DAY))).to.have.length(1001);
    });

    it('forgets who may answer, of the addresses that it is told', async () => {
      const answer = (n: number) => ({ sender: `alice${n}@example.net`, recipient: 'bob@example.org' });
      const many = Array.from({ length: 1200 }, (_, n) => answer(n));
      await store.learn(many, NOON + DAY, NOON);
      await store.learn([{ ...answer(1), recipient: 'eve@example.org' }], NOON + DAY, NOON);
      expect(await store.unlearn({ sender: 'alice1@example.net', recipient: 'bob@' }, NOON)).to.equal(1);
      expect(await judged(shown(1), NOON)).to.equal('new');
      expect(await judged({ ...shown(1), recipient: 'eve@example.org' }, NOON)).to.equal('answered');
      expect(await judged(shown(2), NOON)).to.equal('answered');
      expect(await store.unlearn({ sender: 'alice2@example.net', state: 'waiting' }, NOON)).to.equal(0);
      expect(await store.unlearn({ origin: '192.0.2.1' }, NOON)).to.equal(0);
      expect(await store.unlearn({ recipient: 'bob@example.org' }, NOON + 2 * DAY)).to.equal(0);
      expect(await store.unlearn({}, NOON)).to.equal(1200);
      expect(await collected(store.answers(NOON))).to.deep.equal([]);
    });

    const from = (n: number, proof?: Partial<Proof>): Attempt => ({
      ...shown(1, proof),
      origins: [network(`198.51.${n}.0/24`)],
    });

    it('lets a pair in that was tried often enough from everywhere, and only after the cap', async () => {
      expect(await judged(from(1), NOON)).to.equal('new');
      expect(await judged(from(2), NOON + 45 * MINUTE)).to.equal('new');
      expect(await judged(from(3, { mayCap: false }), NOON + 50 * MINUTE)).to.equal('new');
      expect(await store.judge(from(4), NOON + 50 * MINUTE, timings)).to.deep.equal({
        outcome: 'capped',
        delayedSeconds: 3000,
        tries: 3,
      });
      expect(await judged(from(4), NOON + 51 * MINUTE)).to.equal('known');
      // It speaks for nobody else.
      expect(await judged(from(5), NOON + DAY)).to.equal('capped');
      expect(await judged(from(6), NOON + 3 * DAY)).to.equal('new');
    });

    it('caps what began while the clock was ahead, from its next try on', async () => {
      await judged(from(1), NOON + 10 * DAY);
      for (const minutes of [0, 20])
        expect(await judged(from(2), NOON + minutes * MINUTE)).to.match(/new|passed/);
      expect(await judged(from(3), NOON + 46 * MINUTE)).to.equal('capped');
    });

    it('delays no provider, and counts him by his name', async () => {
      expect(await judged(shown(1, { provider: 'google' }), NOON)).to.equal('provider');
      expect(await judged(shown(1), NOON)).to.equal('new');
      expect(await collected(store.list({}, NOON))).to.have.length(1);
      expect(await store.counts()).to.deep.equal([
        { day: NOON_DAY, counts: { provider: 1, 'provider google': 1, new: 1 } },
      ]);
    });

    it('lets nobody in by the cap because somebody else who writes so has passed', async () => {
      const from = (n: number): Attempt => ({ ...shown(1), origins: [network(`198.51.${n}.0/24`)] });
      expect(await judged(from(1), NOON)).to.equal('new');
      for (const outcomeThen of ['passed', 'known', 'known'])
        expect(await judged(from(1), NOON + MINUTE)).to.equal(outcomeThen);
      expect(await judged(from(2), NOON + HOUR)).to.equal('new');
      expect(await judged(from(3), NOON + HOUR)).to.equal('new');
    });

    it('does not cap what comes for the third time at once', async () => {
      for (const n of [1, 2, 3, 4])
        expect(await judged({ ...shown(1), origins: [network(`198.51.${n}.0/24`)] }, NOON + n)).to.equal(
          'new',
        );
      expect(await judged({ ...shown(1), origins: [network('198.51.4.0/24')] }, NOON + MINUTE + 4)).to.equal(
        'passed',
      );
    });
  });

  it('lets the next try in of what was released', async () => {
    for (const n of [1, 2, 3]) await outcome(attempt(n), NOON);
    await outcome(attempt(3), NOON + 60 * SECOND);
    const wanted = { recipient: 'bob@example.org', origin: '192.0.2.77' };
    expect(await store.release({ ...wanted, sender: 'alice1@' }, NOON + SECOND, 36 * DAY)).to.deep.equal({
      ...{ count: 1, origins: [network()] },
    });
    expect(await outcome(attempt(1), NOON + 2 * SECOND)).to.equal('released');
    expect(await outcome(attempt(2), NOON + 2 * SECOND)).to.equal('early');
    expect(await store.release(wanted, NOON + 3 * SECOND, 36 * DAY)).to.include({ count: 1 });
    expect(await store.release(wanted, NOON + 3 * SECOND, 36 * DAY)).to.deep.equal({ count: 0, origins: [] });
    expect(await outcome(attempt(2), NOON + 30 * DAY)).to.equal('released');
  });

  it('does not release what is remembered of who was refused softly: he would be refused for good', async () => {
    const remembered = { origins: [network('192.0.2.1/32')], sender: SOFT_FIRST, recipient: 'reject' };
    await store.judge(remembered, NOON, TIMINGS);
    expect(await store.release({}, NOON + SECOND, 36 * DAY)).to.deep.equal({ count: 0, origins: [] });
    expect(await outcome(remembered, NOON + 2 * SECOND)).to.equal('early');
  });

  it('lets the next try in of what was released from elsewhere too, if nothing speaks against the client', async () => {
    const proof = { subjects: [], ownsSender: false, mayCap: true };
    const from = (n: number, shown = proof): Attempt => ({
      ...attempt(1, [network(`198.51.${n}.0/24`)]),
      proof: shown,
    });
    for (const n of [1, 2]) await outcome(from(n), NOON);
    // Another than the first of them.
    expect((await store.release({ origin: '198.51.2.0/24' }, NOON + SECOND, 36 * DAY)).count).to.equal(1);
    expect(await outcome(from(3, { ...proof, mayCap: false }), NOON + 2 * SECOND)).to.equal('new');
    expect(await outcome(from(4), NOON + 2 * SECOND + 2 * DAY)).to.equal('new');
    expect(await store.judge(from(5), NOON + 40 * SECOND, TIMINGS)).to.deep.equal({
      ...{ outcome: 'released', delayedSeconds: 40, tries: 2 },
    });
    expect(await outcome(from(6), NOON + 50 * SECOND)).to.equal('new');
    expect(await outcome(from(5), NOON + DAY)).to.equal('known');
    expect(await outcome(from(2), NOON + DAY)).to.equal('known');
  });

  it('counts nothing of what soft_first remembers', async () => {
    const soft = { ...attempt(1), sender: SOFT_FIRST };
    expect(await outcome(soft, NOON)).to.equal('new');
    expect(await outcome(soft, NOON + SECOND)).to.equal('early');
    await outcome(attempt(2), NOON);
    await expireAll(store, NOON + 3 * DAY);
    expect(await store.counts()).to.deep.equal([
      { day: NOON_DAY, counts: { new: 1 } },
      { day: NOON_DAY + 3, counts: { 'never-returned': 1 } },
    ]);
  });

  it('tells of what was released how long it was kept waiting, at its first try since and never again', async () => {
    await outcome(attempt(1, [PTR, network()]), NOON);
    await store.release({}, NOON + 10 * SECOND, 36 * DAY);
    const [row] = await collected(store.list({}, NOON + 10 * SECOND));
    expect(row).to.include({ state: 'passed', released: true, delayedSeconds: 0 });
    const asks = attempt(1, [PTR, network('198.51.100.0/24')]);
    expect(await outcome({ ...asks, onlyKnown: true }, NOON + 20 * SECOND)).to.equal('unseen');
    expect(await store.judge(asks, NOON + 58 * SECOND, TIMINGS)).to.deep.equal({
      ...{ outcome: 'released', delayedSeconds: 58, tries: 2 },
    });
    expect(await outcome(attempt(1), NOON + 59 * SECOND)).to.equal('known');
    expect(await outcome(asks, NOON + 59 * SECOND)).to.equal('known');
    const [later] = await collected(store.list({}, NOON + 60 * SECOND));
    expect(later).to.include({ state: 'passed', delayedSeconds: 58 }).and.not.have.key('released');
  });

  it('tells where what was released came from: the first few that differ', async () => {
    for (const n of [1, 2]) await outcome(attempt(n, [SPF, network()]), NOON);
    await outcome(attempt(3, [network('198.51.100.0/24')]), NOON + SECOND);
    await outcome(attempt(4, [PTR]), NOON);
    await outcome(attempt(4, [PTR]), NOON + 60 * SECOND);
    expect(await store.release({}, NOON + 2 * SECOND, DAY)).to.deep.equal({
      ...{ count: 3, origins: [SPF, network(), network('198.51.100.0/24')] },
    });
    await Promise.all(
      Array.from({ length: 600 }, (_, n) => outcome(attempt(9, [network(`203.0.113.${n}/32`)]), NOON)),
    );
    const { count, origins } = await store.release({ sender: 'alice9@' }, NOON, DAY);
    expect([count, origins.length]).to.deep.equal([600, MOST_TOLD]);
  });

  it('knows nothing more of what it was to forget', async () => {
    for (const n of [1, 2]) await outcome(attempt(n, [PTR, network()]), NOON);
    for (const n of [1, 2]) await outcome(attempt(n, [PTR]), NOON + 60 * SECOND);
    expect(await store.forget({ sender: 'alice1@example.net' }, NOON)).to.equal(1);
    expect(await outcome(attempt(1), NOON + 61 * SECOND)).to.equal('new');
    expect(await outcome(attempt(2), NOON + 61 * SECOND)).to.equal('known');
    expect(await store.forget({}, NOON)).to.equal(2);
    expect(await collected(store.list({}, NOON))).to.deep.equal([]);
  });

  for (const [what, change] of [
    ['releases', async () => (await store.release({}, NOON + SECOND, DAY)).count],
    ['forgets', () => store.forget({}, NOON + SECOND)],
  ] as const)
    it(`${what} many in slices, between which mail is judged`, async () => {
      await Promise.all(Array.from({ length: 6000 }, (_, n) => outcome(attempt(n), NOON)));
      const ends: string[] = [];
      const ended = change().then((count) => ends.push(`${count} changed`));
      await new Promise((resolve) => setImmediate(resolve));
      const judged = outcome(attempt(6001), NOON).then((one) => ends.push(one));
      await Promise.all([ended, judged]);
      expect(ends[0]).to.equal('new');
      // The new one comes in before the last slice, or after.
      expect(ends[1]).to.match(/^600[01] changed$/);
    });

  it('counts what it did, by day', async () => {
    for (const n of [1, 2, 3]) await outcome(attempt(n), NOON);
    await outcome(attempt(1), NOON + SECOND);
    await outcome(attempt(1), NOON + 60 * SECOND);
    await outcome(attempt(1), NOON + DAY);
    await store.release({ sender: 'alice2@' }, NOON + DAY, DAY);
    await outcome(attempt(2), NOON + DAY + SECOND);
    await expireAll(store, NOON + 3 * DAY);
    const day = NOON_DAY;
    expect(await store.counts()).to.deep.equal([
      { day, counts: { new: 3, early: 1, passed: 1 } },
      { day: day + 1, counts: { passed: 1, known: 1, released: 1 } },
      { day: day + 3, counts: { 'never-returned': 1 } },
    ]);
  });

  adoptionContract(() => store);

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
