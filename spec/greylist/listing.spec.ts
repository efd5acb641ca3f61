import { expect } from 'chai';
import {
  compileAnswerFilter,
  compileFilter,
  type ListedTriplet,
  type ListFilter,
} from '../../lib/greylist/listing.ts';
import { DAY, network, NOON } from './attempts.ts';

const ROW: ListedTriplet = {
  origins: [network(), network('2001:db8::/64'), { kind: 'ptr', value: 'example.net' }],
  sender: 'alice@example.net',
  recipient: 'bob+shop@example.org',
  state: 'waiting',
  firstMs: NOON,
  lastMs: NOON,
  tries: 1,
  passed: false,
  delayedSeconds: 0,
  expiresMs: NOON + DAY,
};

const CASES: readonly (readonly [filter: ListFilter, matches: boolean])[] = [
  [{}, true],
  [{ sender: 'alice' }, true],
  [{ sender: 'ALICE@' }, true],
  [{ sender: 'eve' }, false],
  [{ sender: '*@example.net' }, true],
  [{ sender: '*@example' }, false],
  [{ sender: 'a*c*@*.n?t' }, true],
  [{ sender: 'a*c?@*.n?t' }, true],
  [{ sender: '?lice' }, false],
  [{ recipient: 'bob+shop@' }, true],
  [{ recipient: 'alice' }, false],
  [{ sender: 'prvs=4711abcdef=Alice@Example.net' }, true],
  [{ sender: '<alice+news@example.net>' }, true],
  [{ sender: 'prvs=4711abcdef=eve@example.net' }, false],
  [{ sender: 'alice+news' }, false],
  [{ recipient: '<Bob+shop@example.org>' }, true],
  [{ recipient: 'bob@example.org' }, false],
  [{ origin: '192.0.2.77' }, true],
  [{ origin: '192.0.3.77' }, false],
  [{ origin: '64:ff9b::c000:24d' }, true],
  [{ origin: '64:ff9b::c000:34d' }, false],
  [{ origin: '2001:DB8::77' }, true],
  [{ origin: '2001:db8:1::77' }, false],
  [{ origin: '192.0.2.0/24' }, true],
  [{ origin: '192.0.0.0/16' }, true],
  [{ origin: '192.0.2.64/28' }, true],
  [{ origin: '192.0.3.0/24' }, false],
  [{ origin: '2001:db8::/32' }, true],
  [{ origin: '192.0.' }, true],
  [{ origin: '*.net' }, true],
  [{ origin: 'mx1.example.net' }, true],
  [{ origin: 'MX1.Example.net.' }, true],
  [{ origin: 'mx1.notexample.net' }, false],
  [{ origin: 'mx1.example.net[203.0.113.7]' }, true],
  [{ origin: 'mx.example.com[192.0.2.7]' }, true],
  [{ origin: 'unknown[192.0.2.7]' }, true],
  [{ origin: 'unknown[2001:db8::7]' }, true],
  [{ origin: 'mx.example.com[203.0.113.7]' }, false],
  [{ origin: 'unknown[203.0.113.7]' }, false],
  [{ address: 'Alice@example.net' }, true],
  [{ address: 'bob+shop@example.org' }, true],
  [{ address: 'eve@example.org' }, false],
  [{ address: 'alice', recipient: 'eve' }, false],
  [{ state: 'waiting' }, true],
  [{ state: 'passed' }, false],
  [{ sinceMs: NOON }, true],
  [{ sinceMs: NOON + 1 }, false],
  [{ sender: 'alice', recipient: 'eve' }, false],
];

describe('compileFilter', () => {
  for (const [filter, matches] of CASES)
    it(`${matches ? 'finds' : 'leaves out'} a triplet by ${JSON.stringify(filter)}`, () => {
      expect(compileFilter(filter)(ROW)).to.equal(matches);
    });

  for (const [filter, matches] of [
    [{}, true],
    [{ sender: 'alice@' }, true],
    [{ sender: 'Alice+x@example.net', recipient: 'bob' }, true],
    [{ address: 'bob@example.org' }, true],
    [{ sender: 'bob' }, false],
    [{ sender: 'alice', origin: '192.0.2.1' }, false],
    [{ sender: 'alice', state: 'passed' }, false],
    [{ sinceMs: 0 }, false],
  ] as const)
    it(`${matches ? 'finds' : 'leaves out'} an answer by ${JSON.stringify(filter)}`, () => {
      const answer = { sender: 'alice@example.net', recipient: 'bob@example.org' };
      expect(compileAnswerFilter(filter)(answer)).to.equal(matches);
    });

  it('is not slowed down by a pattern of many stars', () => {
    const row = { ...ROW, sender: 'a'.repeat(500) };
    expect(compileFilter({ sender: `${'*a'.repeat(200)}*b` })(row)).to.equal(false);
  });
});
