import { expect } from 'chai';
import { sleeplessClock } from '../../lib/dns/sleepless-clock.ts';

describe('The clock of what is remembered of the DNS', () => {
  const HOUR = 3_600_000;

  const cases: readonly (readonly [
    what: string,
    steps: readonly (readonly [wallMs: number, awakeMs: number])[],
    passedMs: number,
  ])[] = [
    ['goes as both', [[5000, 5000]], 5000],
    ['goes on while the machine is suspended', [[HOUR, 10]], HOUR],
    ['goes on when the time of day is set back', [[-HOUR, 5000]], 5000],
    [
      'goes on while the machine is suspended after that',
      [
        [-HOUR, 5000],
        [HOUR, 10],
      ],
      HOUR + 5000,
    ],
    [
      'goes twice on through two naps',
      [
        [HOUR, 10],
        [10, 10],
        [HOUR, 10],
      ],
      2 * HOUR + 10,
    ],
    [
      'is not hurried by clocks that tick differently',
      Array.from({ length: 10_000 }, (_, n) => [n % 10 === 0 ? 10 : 0, 1] as const),
      10_000,
    ],
  ];
  for (const [what, steps, passedMs] of cases)
    it(what, () => {
      let [wall, awake] = [1_000_000, 0];
      const clock = sleeplessClock({ now: () => wall, elapsed: () => awake });
      const since = clock();
      let last = since;
      for (const [wallMs, awakeMs] of steps) {
        wall += wallMs;
        awake += awakeMs;
        const now = clock();
        expect(now).to.be.at.least(last);
        last = now;
      }
      expect(last - since).to.equal(passedMs);
    });
});
