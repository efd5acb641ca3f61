/** Holds the bench to its word: that load is what it says, and that a wrong answer is never counted as a right one. */

import { expect } from 'chai';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { bareNode } from './bare-node.ts';
import { FilterProcess } from './filter-process.ts';
import { Histogram } from './histogram.ts';
import { identity } from './identity.ts';
import type { Load, Outcome } from './job.ts';
import { play } from './load.ts';
import { median, medians } from './median.ts';
import { sessionScript } from './session-script.ts';
import type { SpeedRow } from './speed.ts';
import { speedVerdicts, type Verdict } from './targets.ts';
import { textTable } from './text-table.ts';

const LOAD: Load = {
  concurrency: 4,
  rate: null,
  until: { sessions: 20 },
  recipients: 2,
  first: 0,
  pool: null,
  expect: 'deferred',
};

describe('bench', () => {
  const folder = temporaryFolder();
  let filter: FilterProcess | undefined;
  afterEach(() => filter?.stop());

  async function played(rcpt: 'continue' | 'defer', flags: string, load: Partial<Load>): Promise<Outcome> {
    filter = await FilterProcess.start(bareNode(folder(), 'bare', rcpt, flags));
    return play({ target: filter.target, load: { ...LOAD, ...load } });
  }

  for (const flags of ['0', 'c7080', '7170']) {
    it(`every recipient of a filter that defers is deferred, protocol flags ${flags}`, async () => {
      expect(await played('defer', flags, {})).to.include({ sessions: 20, rcpts: 40, failed: 0 });
    });

    it(`every message is played to its end if it is accepted, protocol flags ${flags}`, async () => {
      const outcome = await played('continue', flags, { expect: 'accepted', pool: 3, shuffled: true });
      expect(outcome).to.include({ sessions: 20, rcpts: 40, failed: 0 });
    });
  }

  it('an answer other than expected fails the session and says which it was', async () => {
    const { sessions, failed, reasons } = await played('continue', 'c7080', { concurrency: 1 });
    expect(sessions).to.equal(0);
    expect(failed).to.equal(5);
    expect(reasons[0]).to.equal('continue at rcpt');
  });

  it('a filter that is gone fails the session', async () => {
    const outcome = await play({ target: { path: `${folder()}/nobody` }, load: { ...LOAD, concurrency: 1 } });
    expect(outcome.sessions).to.equal(0);
    expect(outcome.reasons[0]).to.match(/ENOENT/);
  });

  it('with a rate, as many sessions begin as are due', async () => {
    const outcome = await played('defer', 'c7080', { concurrency: 100, rate: 500, until: { sessions: 30 } });
    expect(outcome).to.include({ sessions: 30, failed: 0 });
  });

  it('a script holds only what the filter wants to be sent, and waits only where it answers', () => {
    const stages = (protocol: number): string[] => {
      const { envelope, message } = sessionScript(identity(1, 2), protocol);
      return [...envelope, ...message].map(({ stage }) => stage);
    };
    const all = ['connect', 'helo', 'mail', 'rcpt', 'rcpt', 'data', ...Array<string>(8).fill('header')];
    expect(stages(0)).to.deep.equal([...all, 'endOfHeaders', 'body', 'endOfMessage']);
    expect(stages(0xc7080)).to.deep.equal(['rcpt', 'rcpt', 'data', 'endOfMessage']);
    expect(stages(0x70)).to.deep.equal([...all.slice(0, 6), 'endOfMessage']);
  });

  it('identities are the same in every run and all different', () => {
    expect(identity(7)).to.deep.equal(identity(7));
    const triplets = Array.from({ length: 5000 }, (_, n) => JSON.stringify(identity(n)));
    expect(new Set(triplets).size).to.equal(5000);
  });

  it('a quantile is right to within its buckets', () => {
    const histogram = new Histogram();
    for (let us = 1; us <= 10_000; us++) histogram.add(us);
    expect(histogram.count).to.equal(10_000);
    expect(histogram.maxUs).to.equal(10_000);
    expect(histogram.quantile(0.5)).to.be.within(4920, 5080);
    expect(histogram.quantile(0.99)).to.be.within(9740, 10_000);
    expect(new Histogram().quantile(0.5)).to.equal(0);
  });

  it('medians are of each field by itself', () => {
    expect(median([5, 1, 3])).to.equal(3);
    expect(median([4, 1])).to.equal(2.5);
    expect(
      medians([
        { a: 1, b: 9 },
        { a: 2, b: 8 },
        { a: 3, b: 1 },
      ]),
    ).to.deep.equal({ a: 2, b: 8 });
    expect(() => median([])).to.throw(RangeError);
  });

  it('a target is a ratio to milter-greylist, or to what stands in for it', () => {
    const row = (peer: string, sessionsPerSecond: number): SpeedRow => {
      const median = { sessionsPerSecond, p50: 100, p99: 1000, max: 2000, cpuUs: 100 };
      return { workload: 'known', concurrency: 16, peer, median, samples: [median] };
    };
    const rows = [row('Postern, unix', 1000), row('libmilter accept-all', 500)];
    const said = (verdicts: readonly Verdict[]): string[] =>
      verdicts.map(({ target, measured, reached }) => `${target}: ${measured} ${reached}`);
    expect(said(speedVerdicts(rows))).to.deep.equal([
      '≥ 1.72 × libmilter (1.3 × milter-greylist): 2.00 × true',
    ]);
    expect(said(speedVerdicts([...rows, row('milter-greylist', 800)]))).to.deep.equal([
      '≥ 1.3 × milter-greylist: 1.25 × false',
    ]);
    expect(speedVerdicts(rows.slice(0, 1))).to.deep.equal([]);
  });

  it('a table has columns', () => {
    expect(
      textTable(
        ['peer', '/s'],
        [
          ['a', 12],
          ['long one', 3],
        ],
      ),
    ).to.equal('peer      /s\na         12\nlong one   3');
  });
});
