/** Who is known by heart, and what the file is told of it; and that the store with the file judges as if it were asked each time. */

import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KnownMemory, type Use } from '../../lib/greylist/known-memory.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Attempt, Origin } from '../../lib/greylist/triplet.ts';
import { handTimers } from '../support/hand-timers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected, judgedAtLast, rejection, sqliteStores } from './scratch.ts';

describe('What is known by heart', () => {
  const timers = handTimers();
  let told: Use[][];
  let answer: () => Promise<readonly number[]>;
  let hears: boolean;
  let memory: KnownMemory;

  beforeEach(() => {
    timers.takeOver();
    told = [];
    answer = async () => [];
    hears = true;
    memory = new KnownMemory({
      hears: () => hears,
      tell(uses) {
        told.push([...uses]);
        return answer();
      },
    });
  });

  const has = (n: number, atMs = NOON): boolean => memory.has(attempt(n), atMs, TIMINGS);
  const add = (n: number, atMs = NOON): void => memory.add(attempt(n), atMs, TIMINGS);
  const times = (): number[][] => told.map((uses) => uses.map((use) => use.times));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('is what the file has said, for a lifetime after the last use', () => {
    expect(has(1)).to.equal(false);
    add(1);
    expect(has(1, NOON + 36 * DAY)).to.equal(true);
    expect(has(1, NOON + 72 * DAY)).to.equal(true);
    expect(has(1, NOON + 108 * DAY + 1)).to.equal(false);
    expect(has(2, NOON + 108 * DAY + 1)).to.equal(false);
    add(1, NOON + 109 * DAY);
    expect(has(1, NOON + 145 * DAY)).to.equal(true);
  });

  it('is forgotten when the clock goes back, and no use of it lost', () => {
    add(1);
    expect(has(1, NOON + 10)).to.equal(true);
    expect(has(1, NOON + 9)).to.equal(false);
    expect(times()).to.deep.equal([[1]]);
  });

  it('is told to the file a second later, each triplet once with all of its uses', async () => {
    add(1);
    add(2);
    for (const at of [1, 2, 3]) has(1, NOON + at * SECOND);
    has(2, NOON + 3 * SECOND);
    timers.clock.advance(999);
    expect(told).to.deep.equal([]);
    timers.clock.advance(1);
    await settled();
    const common = { lifetimeMs: TIMINGS.lifetimeMs, lastMs: NOON + 3 * SECOND };
    expect(told).to.deep.equal([
      [
        { ...attempt(1), ...common, times: 3 },
        { ...attempt(2), ...common, times: 1 },
      ],
    ]);
    has(1, NOON + 4 * SECOND);
    timers.clock.advance(1000);
    expect(times()).to.deep.equal([[3, 1], [1]]);
  });

  it('is told in parts, each after the answer to the one before', async () => {
    for (let n = 0; n < 600; n++) {
      add(n);
      has(n);
    }
    const answers: (() => void)[] = [];
    answer = () => new Promise((resolve) => answers.push(() => resolve([])));
    timers.clock.advance(1000);
    for (const expected of [[256], [256, 256], [256, 256, 88]]) {
      expect(told.map((uses) => uses.length)).to.deep.equal(expected);
      answers.pop()!();
      await settled();
    }
  });

  it('is told once the file hears again', async () => {
    add(1);
    has(1);
    hears = false;
    timers.clock.advance(3000);
    await settled();
    has(1);
    hears = true;
    timers.clock.advance(1000);
    await settled();
    expect(times()).to.deep.equal([[2]]);
  });

  it('is told once, whatever the file makes of it: it may hear of it late', async () => {
    add(1);
    has(1);
    answer = () => Promise.reject(new Error('no answer in time'));
    timers.clock.advance(1000);
    await settled();
    timers.clock.advance(10_000);
    expect(times()).to.deep.equal([[1]]);
    has(1);
    memory.close();
    await settled();
    timers.clock.advance(10_000);
    expect(times()).to.deep.equal([[1], [1]]);
  });

  it('is no more what the file does not know any more', async () => {
    for (const n of [1, 2]) {
      add(n);
      has(n);
    }
    answer = async () => [1];
    memory.tellAll();
    await settled();
    expect([has(1), has(2)]).to.deep.equal([true, false]);
  });

  it('is nothing once it is cleared, and no use is lost by that', async () => {
    add(1);
    has(1);
    answer = () => Promise.reject(new Error('no disk'));
    memory.clear();
    await settled();
    expect(has(1)).to.equal(false);
    timers.clock.advance(10_000);
    expect(times()).to.deep.equal([[1]]);
  });

  it('is ten thousand triplets at most, and those that come again stay', () => {
    for (let n = 0; n < 10_000; n++) add(n);
    for (let n = 0; n < 10_000; n += 100) has(n);
    for (let n = 10_000; n < 19_900; n++) add(n);
    expect([...Array(10_000).keys()].filter((n) => has(n))).to.deep.equal(
      [...Array(100).keys()].map((n) => n * 100),
    );
    expect(has(19_899)).to.equal(true);
  });

  it('is nothing that fills the memory', () => {
    const long = { ...attempt(1), recipient: 'b'.repeat(400) };
    memory.add(long, NOON, TIMINGS);
    expect(memory.has(long, NOON, TIMINGS)).to.equal(false);
  });

  it('is never another triplet', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', 'network'), maxLength: 4 });
    const origin = fc.record<Origin>({ kind: fc.constantFrom('network', 'ptr', 'spf'), value: text });
    const triplet = fc.record({
      origins: fc.array(origin, { minLength: 1, maxLength: 3 }),
      ...{ sender: text, recipient: text },
    });
    fc.assert(
      fc.property(triplet, triplet, (one, other) => {
        const known = new KnownMemory({ hears: () => true, tell: async () => [] });
        known.add(one, NOON, TIMINGS);
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(known.has(other, NOON, TIMINGS)).to.equal(same);
        known.close();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('The SQLite store, of who is known by heart,', () => {
  const open = sqliteStores();
  const folder = temporaryFolder();
  const file = (): string => join(folder(), 'postern.db');
  const AT = NOON + 90 * SECOND;

  async function outcome(store: Store, one: Attempt, atMs = AT): Promise<string> {
    return (await store.judge(one, atMs, TIMINGS)).outcome;
  }

  /** Has passed, and has come once more. */
  async function known(store: Store, one = attempt(1)): Promise<void> {
    expect(await outcome(store, one, NOON)).to.equal('new');
    expect(await outcome(store, one, NOON + 60 * SECOND)).to.equal('passed');
    expect(await outcome(store, one, NOON + 60 * SECOND)).to.equal('known');
  }

  it('says so while the disk does not answer', async () => {
    const { store } = await open(file(), { busyTimeoutMs: 5000, deadlineMs: 20 });
    await known(store);
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    expect(await rejection(store.judge(attempt(2), AT, TIMINGS))).to.include({ cause: 'busy' });
    expect(await outcome(store, attempt(1))).to.equal('known');
    other.exec('ROLLBACK');
    other.close();
  });

  it('has every use in the file and in its counts, whoever asks for them', async () => {
    const { store } = await open(file());
    await known(store);
    for (let n = 0; n < 10; n++) await outcome(store, attempt(1), AT + n * SECOND);
    expect((await store.counts()).map(({ counts }) => counts)).to.deep.equal([
      { new: 1, passed: 1, known: 11 },
    ]);
    await outcome(store, attempt(1), AT + 30 * DAY);
    await store.close();
    const again = await open(file());
    const [listed] = await collected(again.store.list({}, AT));
    expect(listed).to.include({ tries: 14, lastMs: AT + 30 * DAY, expiresMs: AT + 66 * DAY });
  });

  it('counts no soft first try', async () => {
    const { store } = await open(file());
    const soft = { ...attempt(1), sender: 'soft_first' };
    await known(store, soft);
    await outcome(store, soft);
    expect(await store.counts()).to.deep.equal([]);
  });

  it('knows nobody any more whom an administrator has forgotten', async () => {
    const { store } = await open(file());
    await known(store);
    await known(store, attempt(2));
    expect(await store.forget({ sender: 'alice1@' }, AT)).to.equal(1);
    expect(await outcome(store, attempt(1))).to.equal('new');
    expect(await outcome(store, attempt(2))).to.equal('known');
  });

  it('loses no use because somebody else is forgotten meanwhile', async () => {
    const { store } = await open(file());
    await known(store);
    for (let n = 0; n < 10; n++) {
      const forgotten = store.forget({ sender: 'nobody' }, AT);
      await outcome(store, attempt(1), AT + n);
      await new Promise((resolve) => setImmediate(resolve));
      await outcome(store, attempt(1), AT + n);
      await forgotten;
    }
    expect((await store.counts())[0]!.counts).to.deep.include({ known: 21 });
  });

  it('counts each use once, though the disk hears of it late', async () => {
    const { store } = await open(file(), { busyTimeoutMs: 5000, deadlineMs: 100 });
    await known(store);
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    const late = rejection(store.judge(attempt(2), AT, TIMINGS));
    for (let n = 0; n < 5; n++) await outcome(store, attempt(1));
    expect(await late).to.include({ cause: 'busy' });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    other.exec('ROLLBACK');
    other.close();
    await judgedAtLast(store, attempt(3), AT);
    expect((await store.counts())[0]!.counts).to.deep.include({ known: 6 });
  });

  it('knows nobody any more whose row somebody else has removed, once the file was asked', async () => {
    const { store } = await open(file());
    await known(store);
    const other = new DatabaseSync(file());
    other.exec('DELETE FROM key; DELETE FROM triplet');
    other.close();
    await outcome(store, attempt(1));
    await store.counts();
    expect(await outcome(store, attempt(1))).to.equal('new');
  });

  it('knows nobody any more by an origin that his triplet has forgotten', async () => {
    const { store } = await open(file());
    const spf: Origin = { kind: 'spf', value: 'example.net' };
    await known(store, attempt(1, [spf, network('0')]));
    expect(await outcome(store, attempt(1, [network('0')]))).to.equal('known');
    for (let n = 1; n <= 40; n++) await outcome(store, attempt(1, [spf, network(String(n))]));
    expect(await outcome(store, attempt(1, [network('0')]))).to.equal('new');
  });

  it('asks the file again where two triplets have become one', async () => {
    const { store } = await open(file());
    const [a, b] = [attempt(1, [network('a')]), attempt(1, [network('b')])];
    await known(store, a);
    await known(store, b);
    const both = attempt(1, [network('a'), network('b')]);
    for (let n = 0; n < 5; n++) expect(await outcome(store, both)).to.equal('known');
    for (const one of [a, b]) expect(await outcome(store, one)).to.equal('known');
    await store.close();
    const again = await open(file());
    const listed = await collected(again.store.list({}, AT));
    expect(listed.reduce((sum, { tries }) => sum + tries, 0)).to.equal(13);
  });
});
