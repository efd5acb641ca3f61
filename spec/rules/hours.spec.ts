import { expect } from 'chai';
import { parseHours } from '../../lib/rules/hours.ts';

/** 2026-11-21 is a Saturday. */
const at = (text: string): number => new Date(`2026-11-${text}:00`).getTime();

describe('A time of the week', () => {
  const cases: readonly [hours: string, within: readonly string[], without: readonly string[]][] = [
    ['08:00-18:00', ['21T08:00', '22T17:59'], ['21T07:59', '21T18:00']],
    ['22:00-06:00', ['21T22:00', '22T00:00', '22T05:59'], ['22T06:00', '22T21:59']],
    ['Sat 22:00-06:00', ['21T23:00', '22T05:00'], ['21T05:00', '22T23:00']],
    ['Mon-Fri 08:00-18:00', ['23T08:00', '27T17:00'], ['21T09:00', '22T09:00', '23T18:00']],
    ['Sat,Sun', ['21T00:00', '22T23:59'], ['20T23:59', '23T00:00']],
    ['fri - mon', ['20T12:00', '21T12:00', '22T12:00', '23T12:00'], ['24T12:00', '26T12:00']],
    ['Tuesday, Thursday 12:00-24:00', ['24T23:59', '26T12:00'], ['25T12:00', '26T11:59']],
  ];
  for (const [hours, within, without] of cases)
    it(`is ${hours}`, () => {
      const test = parseHours(hours)!;
      expect(within.filter((text) => !test(at(text)))).to.deep.equal([]);
      expect(without.filter((text) => test(at(text)))).to.deep.equal([]);
    });

  for (const hours of [
    '',
    'noon',
    '8-18',
    '25:00-26:00',
    '08:60-09:00',
    '08:00-08:00',
    'Mon-',
    'Mo',
    'Mon 8',
    '24:00-25:00',
  ])
    it(`is not "${hours}"`, () => expect(parseHours(hours)).to.equal(null));
});
