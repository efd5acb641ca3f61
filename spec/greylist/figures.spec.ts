/** What greylisting did and cost, from rows whose sums are known. */

import { expect } from 'chai';
import fc from 'fast-check';
import { Delays } from '../../lib/greylist/delays.ts';
import { figuresOf, sumsOf } from '../../lib/greylist/figures.ts';
import type { ListedTriplet } from '../../lib/greylist/listing.ts';
import { SOFT_FIRST } from '../../lib/greylist/triplet.ts';
import { attempt, DAY, network, NOON } from './attempts.ts';

const SPF = { kind: 'spf', value: 'example.net' } as const;

function row(n: number, differs: Partial<ListedTriplet> = {}): ListedTriplet {
  const { origins, sender, recipient } = attempt(n);
  const entry = {
    firstMs: NOON,
    lastMs: NOON,
    tries: 1,
    passed: false,
    delayedSeconds: 0,
    expiresMs: NOON + DAY,
  };
  return { ...entry, origins, sender, recipient, state: 'waiting', ...differs };
}

function passed(n: number, delayedSeconds: number, differs: Partial<ListedTriplet> = {}): ListedTriplet {
  return row(n, { state: 'passed', passed: true, tries: 2, delayedSeconds, ...differs });
}

async function* each(rows: readonly ListedTriplet[]): AsyncGenerator<ListedTriplet> {
  yield* rows;
}

describe('The figures of a greylist', () => {
  it('tell what each origin cost, and who has not come back', async () => {
    const rows = [
      // What is remembered of who was refused softly is no mail.
      row(0, { sender: SOFT_FIRST }),
      passed(1, 60, { origins: [SPF, network()] }),
      passed(2, 90, { origins: [SPF, network()] }),
      passed(3, 4000, { origins: [SPF, network('198.51.100.0/24')] }),
      // It has not had to wait yet.
      passed(4, 0, { origins: [network('198.51.100.0/24')], released: true }),
      row(5),
      row(6, { tries: 2 }),
      row(7, { state: 'expired' }),
    ];
    const figures = await figuresOf(each(rows), 0);
    expect(figures).to.deep.include({ triplets: 7, waiting: 2, passed: 4, released: 1, expired: 1, once: 2 });
    expect(figures).to.deep.include({ medianDelaySeconds: 90, p95DelaySeconds: 4000 });
    expect(figures.delays.filter(({ triplets }) => triplets > 0)).to.deep.equal([
      { belowSeconds: 120, triplets: 2 },
      { belowSeconds: 7200, triplets: 1 },
    ]);
    expect(figures.busiest[0]).to.deep.equal({
      ...network(),
      ...{ triplets: 5, passed: 2, once: 2, delaySeconds: 150, medianDelaySeconds: 60 },
    });
    expect(figures.costliest.map(({ value, delaySeconds }) => [value, delaySeconds])).to.deep.equal([
      ['example.net', 4150],
      ['198.51.100.0/24', 4000],
      ['192.0.2.0/24', 150],
    ]);
  });

  it('leave out what was first seen before the moment asked for', async () => {
    const rows = [row(1, { firstMs: NOON - 1 }), row(2)];
    expect(await figuresOf(each(rows), NOON)).to.include({ triplets: 1 });
  });

  it('of nothing are nothing', async () => {
    const figures = await figuresOf(each([]), 0);
    expect(figures).to.deep.include({ triplets: 0, medianDelaySeconds: null, busiest: [], costliest: [] });
  });

  it('keep the busiest, whatever a botnet brings', async () => {
    function* botnet(): Generator<ListedTriplet> {
      for (let n = 0; n < 5; n++) yield passed(n, 60, { origins: [SPF] });
      for (let n = 0; n < 150_000; n++) yield row(n, { origins: [{ kind: 'ptr', value: `n${n}.example` }] });
    }
    async function* rows(): AsyncGenerator<ListedTriplet> {
      yield* botnet();
    }
    const figures = await figuresOf(rows(), 0);
    expect(figures).to.include({ triplets: 150_005 });
    expect(figures.busiest[0]).to.deep.include({ ...SPF, triplets: 5 });
    expect(figures.busiest).to.have.length(10);
  }).timeout(20_000);

  it('add up the days', () => {
    const day = NOON / DAY - 0.5;
    const counts = [
      { day: day - 7, counts: { new: 1 } },
      { day: day - 6, counts: { new: 10 } },
      { day, counts: { new: 100, passed: 3 } },
    ];
    expect(sumsOf(counts, 1, NOON)).to.include({ new: 100, passed: 3, known: 0 });
    expect(sumsOf(counts, 7, NOON)).to.include({ new: 110 });
    expect(sumsOf(counts, null, NOON)).to.include({ new: 111 });
  });
});

describe('Delays', () => {
  it('know the median to one part in a hundred, and the sum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 200 }), (all) => {
        const delays = new Delays();
        for (const seconds of all) delays.add(seconds);
        const median = all.toSorted((a, b) => a - b)[Math.ceil(all.length / 2) - 1]!;
        expect(delays.quantile(0.5))
          .to.be.at.most(median)
          .and.above(median * 0.99 - 1e-9);
        expect(delays.totalSeconds).to.equal(all.reduce((sum, one) => sum + one, 0));
        expect(delays.buckets().reduce((sum, { triplets }) => sum + triplets, 0)).to.equal(all.length);
      }),
    );
  });

  it('fall into the bucket that is named', () => {
    for (const [seconds, belowSeconds] of [
      [119, 120],
      [120, 300],
      [21_600, 86_400],
      [86_399, 86_400],
      [86_400, null],
      [172_800, null],
    ] as const) {
      const delays = new Delays();
      delays.add(seconds);
      expect(delays.buckets().find(({ triplets }) => triplets > 0)).to.deep.equal({
        belowSeconds,
        triplets: 1,
      });
    }
  });
});
