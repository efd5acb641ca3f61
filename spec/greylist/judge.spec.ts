import { expect } from 'chai';
import fc from 'fast-check';
import { judge, type Entry } from '../../lib/greylist/judge.ts';
import { DAY, NOON, SECOND, TIMINGS } from './attempts.ts';

const HOUR = 3600 * SECOND;

/** First seen `ago`, waiting. */
function waiting(agoMs: number): Entry {
  const firstMs = NOON - agoMs;
  return {
    firstMs,
    lastMs: firstMs,
    tries: 1,
    passed: false,
    delayedSeconds: 0,
    expiresMs: firstMs + TIMINGS.windowMs,
  };
}

/** First seen and passed long ago, last used `ago`. */
function passed(agoMs: number, firstMs = NOON - 300 * DAY): Entry {
  const lastMs = NOON - agoMs;
  return {
    firstMs,
    lastMs,
    tries: 9,
    passed: true,
    delayedSeconds: 0,
    expiresMs: lastMs + TIMINGS.lifetimeMs,
  };
}

type Case = readonly [
  title: string,
  seen: readonly (Entry | undefined)[],
  judgement: object,
  continues: number | null,
];

const CASES: readonly Case[] = [
  ['nothing seen is new', [undefined], { outcome: 'new', waitSeconds: 60, tries: 1 }, null],
  ['at once is early', [waiting(0)], { outcome: 'early', waitSeconds: 60, tries: 2 }, 0],
  ['the wait is rounded up', [waiting(59_001)], { outcome: 'early', waitSeconds: 1, tries: 2 }, 0],
  ['a millisecond early is early', [waiting(59_999)], { outcome: 'early', waitSeconds: 1, tries: 2 }, 0],
  [
    'the delay to the millisecond passes',
    [waiting(60_000)],
    { outcome: 'passed', delayedSeconds: 60, tries: 2 },
    0,
  ],
  [
    'the delay is told in whole seconds',
    [waiting(305_900)],
    { outcome: 'passed', delayedSeconds: 305, tries: 2 },
    0,
  ],
  [
    'the end of the window passes',
    [waiting(2 * DAY)],
    { outcome: 'passed', delayedSeconds: 172_800, tries: 2 },
    0,
  ],
  ['past the window is new', [waiting(2 * DAY + 1)], { outcome: 'new', waitSeconds: 60, tries: 1 }, null],
  ['used within the lifetime is known', [passed(36 * DAY)], { outcome: 'known' }, 0],
  ['past the lifetime is new', [passed(36 * DAY + 1)], { outcome: 'new', waitSeconds: 60, tries: 1 }, null],
  ['any origin that passed makes it known', [undefined, waiting(HOUR), passed(DAY)], { outcome: 'known' }, 2],
  [
    'the earliest first-seen rules',
    [waiting(10_000), waiting(20_000), undefined],
    { outcome: 'early', waitSeconds: 40, tries: 2 },
    1,
  ],
  [
    'one past its window does not rule',
    [waiting(3 * DAY), waiting(20_000)],
    { outcome: 'early', waitSeconds: 40, tries: 2 },
    1,
  ],
  [
    'one past its lifetime does not hide a waiting one',
    [passed(40 * DAY), waiting(20_000)],
    { outcome: 'early', waitSeconds: 40, tries: 2 },
    1,
  ],
  [
    'a first-seen in the future waits one delay',
    [waiting(-300 * DAY)],
    { outcome: 'early', waitSeconds: 60, tries: 2 },
    0,
  ],
  ['a last use in the future is known', [passed(-300 * DAY)], { outcome: 'known' }, 0],
];

describe('judge', () => {
  for (const [title, seen, judgement, continues] of CASES)
    it(title, () => {
      const ruling = judge(seen, NOON, TIMINGS);
      expect(ruling.judgement).to.deep.equal(judgement);
      expect(ruling.continues).to.equal(continues);
    });

  it('never asks to wait 0 seconds', () => {
    expect(judge([], NOON, { ...TIMINGS, delayMs: 0 }).judgement).to.have.property('waitSeconds', 1);
  });

  it('prolongs a known one from its last use, to the second', () => {
    expect(judge([passed(DAY)], NOON + 1999, TIMINGS).entry).to.deep.include({
      lastMs: NOON + SECOND,
      expiresMs: NOON + SECOND + 36 * DAY,
      firstMs: NOON - 300 * DAY,
    });
  });

  it('never says that a try was later than it was, or before the first one', () => {
    const first = judge([undefined], NOON + 999, TIMINGS).entry;
    expect(first).to.deep.include({ lastMs: NOON + 999, expiresMs: NOON + SECOND + 2 * DAY });
    expect(judge([first], NOON + 999, TIMINGS).entry).to.have.property('lastMs', NOON + 999);
    expect(judge([first], NOON + 5700, TIMINGS).entry).to.have.property('lastMs', NOON + 5 * SECOND);
  });

  it('does not take a later last use back when the clock goes back', () => {
    expect(judge([passed(-DAY)], NOON, TIMINGS).entry.lastMs).to.equal(NOON + DAY);
  });

  it('never moves first-seen while early, and lets in after one delay', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 59_999 }), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (times) => {
        let { entry } = judge([undefined], NOON, TIMINGS);
        for (const time of times.toSorted((a, b) => a - b)) {
          const ruling = judge([entry], NOON + time, TIMINGS);
          expect(ruling.judgement.outcome).to.equal('early');
          entry = ruling.entry;
          expect(entry.firstMs).to.equal(NOON);
        }
        expect(judge([entry], NOON + TIMINGS.delayMs, TIMINGS).judgement.outcome).to.equal('passed');
      }),
    );
  });

  it('lets in whoever waits as long as he was told, whatever the clock did before', () => {
    const clock = fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(clock, (times) => {
        let entry: Entry | undefined;
        for (const time of times) {
          const ruling = judge([entry], time, TIMINGS);
          entry = ruling.entry;
          if (!('waitSeconds' in ruling.judgement)) continue;
          const { waitSeconds } = ruling.judgement;
          expect(waitSeconds).to.be.within(1, 60);
          const later = judge([entry], time + waitSeconds * SECOND, TIMINGS).judgement.outcome;
          expect(later).to.equal('passed');
        }
      }),
    );
  });
});
