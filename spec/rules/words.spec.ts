/** Durations, and words that are near to others. */

import { expect } from 'chai';
import { formatDuration, parseDuration } from '../../lib/yaml/duration.ts';
import { editDistance, nearest } from '../../lib/yaml/spelling.ts';

describe('A duration', () => {
  const right: readonly (readonly [written: string, milliseconds: number, shortest: string])[] = [
    ['0', 0, '0s'],
    ['0s', 0, '0s'],
    ['30s', 30_000, '30s'],
    ['90s', 90_000, '90s'],
    ['5m', 300_000, '5m'],
    ['120m', 7_200_000, '2h'],
    ['2d', 172_800_000, '2d'],
    ['1w', 604_800_000, '7d'],
  ];
  for (const [written, milliseconds, shortest] of right)
    it(`${written} is ${milliseconds} ms, or ${shortest}`, () => {
      expect(parseDuration(written)).to.equal(milliseconds);
      expect(formatDuration(milliseconds)).to.equal(shortest);
    });

  for (const written of [
    '',
    '5',
    '-5m',
    '1.5h',
    '5 m',
    '5M',
    'm',
    '1h30m',
    '00',
    '1e3s',
    '9999999999w',
    '5m\n',
  ])
    it(`${JSON.stringify(written)} is none`, () => {
      expect(parseDuration(written)).to.equal(null);
    });
});

describe('The nearest word', () => {
  const words = ['delay', 'retry_window', 'lifetime', 'ipv4_prefix', 'ipv6_prefix', 'log', 'listen'];
  const cases: readonly (readonly [written: string, word: string | null])[] = [
    ['retryWindow', 'retry_window'],
    ['retry-window', 'retry_window'],
    ['RETRY_WINDOW', 'retry_window'],
    ['retry_windwo', 'retry_window'],
    ['dealy', 'delay'],
    ['delays', 'delay'],
    ['ipv6prefix', 'ipv6_prefix'],
    ['logs', 'log'],
    ['listener', 'listen'],
    ['x', null],
    ['', null],
    ['smtpd_milters', null],
    ['d'.repeat(5000), null],
  ];
  for (const [written, word] of cases)
    it(`to "${written.slice(0, 20)}" is ${word ?? 'none'}`, () => {
      expect(nearest(written, words)).to.equal(word);
    });

  it('is counted in insertions, deletions, replacements and swaps', () => {
    expect(editDistance('', 'abc')).to.equal(3);
    expect(editDistance('abc', 'abd')).to.equal(1);
    expect(editDistance('abc', 'acb')).to.equal(1);
    expect(editDistance('abc', 'xaybz')).to.equal(3);
  });
});
