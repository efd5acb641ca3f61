/** What `postern lists` tells of a list: rates, times and overlaps, in bounded memory. */

import { expect } from 'chai';
import fc from 'fast-check';
import { Durations } from '../../lib/lists/durations.ts';
import { HitRate } from '../../lib/lists/hit-rate.ts';
import { ListCount } from '../../lib/lists/list-figures.ts';
import { Overlaps } from '../../lib/lists/overlaps.ts';
import { closesStages, list, SOUND, stage } from './health-stage.ts';

describe('The figures of a DNS list', () => {
  closesStages();

  it('are plain JSON, with its alias and its overlaps', async () => {
    const { health, tested } = await stage([...SOUND, '2.0.0.127.b.example.org. A 127.0.0.2']);
    const [a, b] = ['bl.example.org', 'b.example.org'];
    health.announce([{ ...list(a), alias: 'ours' }, list(b)]);
    await tested(a);
    await tested(b);
    // On a: .1 to .6, on b: .4 to .9.
    for (let i = 1; i < 10; i++) {
      const subject = `192.0.2.${i}`;
      health.saw(a, { outcome: i <= 6 ? 'listed' : 'not_listed', ms: 20, subject }, 'address');
      health.saw(b, { outcome: i >= 4 ? 'listed' : 'not_listed', ms: 200, subject }, 'address');
      health.saw(a, { outcome: 'listed', ms: null, subject: '192.0.2.1' }, 'address');
    }
    health.saw(a, { outcome: 'failed', ms: 5000, subject: '192.0.2.99' }, 'address');
    health.saw(b, { outcome: 'outside_127', ms: 20, subject: '192.0.2.99' }, 'address');
    const [ours, theirs] = health.snapshot();
    expect(JSON.parse(JSON.stringify(ours))).to.deep.equal({
      ...ours,
      list: 'ours',
      kind: 'address',
      role: null,
      state: 'alive',
      why: null,
      instead: null,
      proofAgeMs: 0,
      queries: 19,
      hits: 15,
      hitRate: 0.833,
      failed: 1,
      outside127: 0,
      medianMs: 19,
      p95Ms: 19,
      overlap: [{ list: b, of: 6, both: 3 }],
    });
    expect(theirs).to.deep.include({
      queries: 10,
      hits: 6,
      outside127: 1,
      overlap: [{ list: 'ours', of: 6, both: 3 }],
    });
  });

  it('before anything was asked are null, not zero', () => {
    expect(new ListCount().figures).to.deep.include({ hitRate: null, medianMs: null, p95Ms: null });
  });
});

describe('How long queries took', () => {
  it('is known within an eighth, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.3, max: 15_000, noNaN: true }), { minLength: 1 }), (all) => {
        const durations = new Durations();
        for (const ms of all) durations.add(ms);
        const sorted = all.toSorted((a, b) => a - b);
        const median = sorted[Math.ceil(all.length / 2) - 1]!;
        const told = durations.quantileMs(0.5)!;
        expect(told / median).to.be.within(0.85, 1.18);
      }),
    );
  });

  it('forgets what is long ago', () => {
    const durations = new Durations();
    for (let i = 0; i < 50_000; i++) durations.add(10);
    for (let i = 0; i < 30_000; i++) durations.add(1000);
    expect(durations.quantileMs(0.5)).to.be.within(850, 1180);
  });

  for (const ms of [0, -1, Infinity, Number.NaN])
    it(`takes ${ms} for something`, () => {
      const durations = new Durations();
      durations.add(ms);
      expect(durations.quantileMs(0.95)).to.be.a('number');
    });
});

describe('The rate of hits', () => {
  const rates = [0, 0.01, 0.1, 0.5, 0.9];
  for (const rate of rates) {
    it(`of ${rate * 100} % is no reason to look`, () => {
      const hits = new HitRate();
      let odd = 0;
      // Evenly spread: chance has its own allowance.
      for (let i = 0; i < 3000; i++) if (hits.add(Math.floor((i + 1) * rate) > Math.floor(i * rate))) odd++;
      expect(odd).to.equal(0);
    });
    if (rate <= 0.5)
      it(`that rises from ${rate * 100} % to all is one, within 32 answers`, () => {
        const hits = new HitRate();
        for (let i = 0; i < 1000; i++) hits.add(Math.floor((i + 1) * rate) > Math.floor(i * rate));
        expect(Array.from({ length: 32 }, () => hits.add(true))).to.include(true);
      });
  }

  it('is not known before a few hundred answers', () => {
    const hits = new HitRate();
    for (let i = 0; i < 100; i++) hits.add(false);
    expect(Array.from({ length: 60 }, () => hits.add(true))).not.to.include(true);
  });
});

describe('The overlap of lists', () => {
  it('counts a subject once, and only where both were asked', () => {
    const overlaps = new Overlaps();
    overlaps.add(0, '192.0.2.1', true);
    overlaps.add(0, '192.0.2.1', true);
    expect(overlaps.between(0, 1)).to.deep.equal({ of: 0, both: 0 });
    overlaps.add(1, '192.0.2.1', false);
    overlaps.add(1, '192.0.2.1', true);
    expect(overlaps.between(0, 1)).to.deep.equal({ of: 1, both: 0 });
    expect(overlaps.between(1, 0)).to.deep.equal({ of: 0, both: 0 });
  });

  it('remembers only the last subjects', () => {
    const overlaps = new Overlaps(2);
    for (const subject of ['a.example', 'b.example', 'a.example', 'c.example'])
      overlaps.add(0, subject, true);
    overlaps.add(1, 'b.example', true);
    overlaps.add(1, 'c.example', true);
    expect(overlaps.between(0, 1)).to.deep.equal({ of: 1, both: 1 });
  });

  it("of a list that ended is no other list's", () => {
    const overlaps = new Overlaps();
    for (const number of [0, 1, 2]) overlaps.add(number, '192.0.2.1', true);
    overlaps.forget(1);
    overlaps.add(1, '192.0.2.1', true);
    expect([overlaps.between(0, 1), overlaps.between(0, 2)]).to.deep.equal([
      { of: 0, both: 0 },
      { of: 1, both: 1 },
    ]);
  });

  it('agrees with counting by hand, for forty lists', () => {
    const entry = fc.tuple(fc.nat(39), fc.nat(5), fc.boolean());
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 100 }), fc.nat(39), fc.nat(39), (all, x, y) => {
        fc.pre(x !== y);
        const overlaps = new Overlaps();
        const first = new Map<string, boolean>();
        for (const [number, subject, hit] of all) {
          overlaps.add(number, `192.0.2.${subject}`, hit);
          if (!first.has(`${number} ${subject}`)) first.set(`${number} ${subject}`, hit);
        }
        const both = [0, 1, 2, 3, 4, 5].filter(
          (s) => first.get(`${x} ${s}`) === true && first.has(`${y} ${s}`),
        );
        expect(overlaps.between(x, y)).to.deep.equal({
          of: both.length,
          both: both.filter((s) => first.get(`${y} ${s}`) === true).length,
        });
      }),
    );
  });
});
