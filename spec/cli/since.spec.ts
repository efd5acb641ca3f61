/** What `--since` takes: ages, days and times by the clock of this machine. */

import { expect } from 'chai';
import { readSince } from '../../lib/cli/since.ts';
import { UsageError } from '../../lib/cli/usage.ts';

const NOW = new Date(2026, 10, 22, 12, 0, 0).getTime();
const HOUR = 3_600_000;

describe('--since', () => {
  for (const [written, ms] of [
    ['12h', NOW - 12 * HOUR],
    ['2d', NOW - 48 * HOUR],
    ['2026-11-21', new Date(2026, 10, 21).getTime()],
    ['2026-11-22', new Date(2026, 10, 22).getTime()],
    ['2026-11-21 08:00', new Date(2026, 10, 21, 8).getTime()],
    ['2026-11-21T08:00:30', new Date(2026, 10, 21, 8, 0, 30).getTime()],
    ['2026-11-21T08:00Z', Date.UTC(2026, 10, 21, 8)],
    ['08:15', new Date(2026, 10, 22, 8, 15).getTime()],
  ] as const)
    it(`${written} is taken`, () => expect(readSince('greylist list', written, NOW)).to.equal(ms));

  for (const [written, message] of [
    ['2026-11-23', 'that is yet to come; write a time that is over'],
    ['13:00', 'that is yet to come; write a time that is over'],
    ['2026-02-30', 'there is no such day or time; write 2026-11-22, "2026-11-22 08:00", 08:00, or 12h, 2d'],
    ['2026-1-2', 'there is no such day or time; write 2026-11-22, "2026-11-22 08:00", 08:00, or 12h, 2d'],
    ['0', 'that is nothing; write 30m, 12h, 2d, or a day: 2026-11-22'],
    ['5', '5 has no unit; write 5s for seconds, 5m for minutes, or a day: 2026-11-22'],
    ['1 day', '"1 day" is not a duration; write 1d, or a day: 2026-11-22'],
    [
      '22.11.2026',
      '"22.11.2026" is not a duration; write a number and a unit, such as 30s, 5m, 2h or 2d, or a day: 2026-11-22',
    ],
    ['day 3 12:00', 'there is no such day or time; write 2026-11-22, "2026-11-22 08:00", 08:00, or 12h, 2d'],
  ] as const)
    it(`${written} is told what to write`, () =>
      expect(() => readSince('greylist list', written, NOW)).to.throw(
        UsageError,
        `greylist list: --since ${written}: ${message}`,
      ));
});
