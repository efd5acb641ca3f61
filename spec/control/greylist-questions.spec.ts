/** What both sides of the control socket take for an order, for rows, figures and a view: all else is none. */

import { expect } from 'chai';
import fc from 'fast-check';
import { readGreylistFigures, type GreylistFigures } from '../../lib/control/greylist-figures.ts';
import { readCarried, readOrder, type Carried, type Order } from '../../lib/control/greylist-order.ts';
import { readGreylistRows, readRowsWanted, type GreylistRows } from '../../lib/control/greylist-rows.ts';
import { readTopView, type TopView } from '../../lib/control/top-view.ts';
import type { OriginFigures } from '../../lib/greylist/figures.ts';
import type { ListedTriplet } from '../../lib/greylist/listing.ts';
import { listReport } from '../support/list-reports.ts';

const TRIPLET: ListedTriplet = {
  origins: [{ kind: 'network', value: '192.0.2.0/24' }],
  sender: 'a@example.net',
  recipient: 'b@example.org',
  state: 'waiting',
  passed: false,
  ...{ firstMs: 1, lastMs: 2, tries: 3, delayedSeconds: 0, expiresMs: 4 },
};
const ROWS: GreylistRows = {
  triplets: [TRIPLET, { ...TRIPLET, state: 'passed', passed: true, released: true }],
  standings: [
    {
      kind: 'address',
      value: '192.0.2.1',
      count: 1,
      countedMs: 2,
      granted: false,
      allowed: false,
      expiresMs: 3,
    },
  ],
  answers: [{ sender: 'a@example.net', recipient: 'b@example.org', untilMs: 1 }],
  more: true,
};
const ORIGIN: OriginFigures = {
  kind: 'spf',
  value: 'example.net',
  ...{ triplets: 1, passed: 1, once: 0, delaySeconds: 60, medianDelaySeconds: 60 },
};
const STATES = { triplets: 1, waiting: 0, passed: 1, expired: 0 };
const FIGURES: GreylistFigures = {
  figures: {
    ...STATES,
    ...{
      once: 0,
      released: 0,
      respelled: 0,
      delays: [{ belowSeconds: null, triplets: 1 }],
      medianDelaySeconds: 60,
      p95DelaySeconds: null,
    },
    ...{ busiest: [ORIGIN], costliest: [ORIGIN] },
  },
  stats: { ...STATES, oldestMs: 1, newestMs: null, bytes: null },
  days: [{ day: 20_000, counts: { new: 1, 'never-returned': 2 } }],
};
const TOP: TopView = {
  nowMs: 1,
  status: {
    ...{ version: '0.1.0', pid: 1, uid: 0, gid: 0, config: '/c', loaded: '2026-11-21T10:00:00.000Z' },
    ...{ observe: false, store: 'memory', storeTrouble: null, listening: [], connections: 0 },
  },
  feed: {
    sinceMs: 1,
    minutes: [{ startMs: 1, fates: { accept: 1 } }],
    rules: [{ rule: 'greylist', fates: {} }],
    decisions: [
      {
        ...{ atMs: 1, fate: 'accept', rule: null, reason: '', client: 'c', sender: null, recipient: null },
        observed: true,
      },
    ],
  },
  greylist: null,
  out: [listReport('bl.example', { state: 'dead' })],
  lists: 1,
};
const ORDERS: readonly Order[] = [
  { do: 'release', wanted: { sender: 'a', state: 'waiting', sinceMs: 1 } },
  { do: 'forget', wanted: {} },
  { do: 'allow', whom: 'example.net', untilMs: null },
  { do: 'withdraw', whom: 'example.net' },
];
const CARRIED: readonly Carried[] = [
  { kind: 'done', count: 1, answers: 2, subjects: [{ kind: 'address', value: '192.0.2.1' }] },
  {
    ...{ kind: 'done', count: 0, answers: 0, subjects: [] },
    still: [{ kind: 'network', value: '192.0.2.0/24' }],
  },
  { kind: 'refused', why: 'x' },
  { kind: 'failed', why: 'x' },
];

type Read = (value: unknown) => unknown;

const READERS: readonly (readonly [what: string, read: Read, good: readonly object[]])[] = [
  ['an order', readOrder, ORDERS],
  ['what came of it', readCarried, CARRIED],
  ['a wish for rows', readRowsWanted, [{ of: 'triplets', wanted: { origin: 'x' } }]],
  ['rows', readGreylistRows, [ROWS]],
  ['figures', readGreylistFigures, [FIGURES]],
  ['a view', readTopView, [TOP, { ...TOP, greylist: FIGURES.days }]],
];

/** The value with one of its parts, however deep, put in place of another. */
function* spoilt(value: unknown, by: unknown): Generator {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    const put = (other: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    yield put(by);
    for (const inner of spoilt(part, by)) yield put(inner);
  }
}

/** What another version may leave out of a value or count besides is no mistake. */
const FREE = /"(?:counts|fates)":\{[^}]*\[\]/;

describe('On the control socket', () => {
  for (const [what, read, good] of READERS) {
    it(`${what} is read as it was sent`, () => {
      for (const value of good) expect(read(JSON.parse(JSON.stringify(value)))).to.deep.equal(value);
    });

    it(`${what} is none with any of its parts spoilt`, () => {
      let tried = 0;
      for (const value of good)
        for (const wrong of spoilt(value, [[]])) {
          if (FREE.test(JSON.stringify(wrong))) continue;
          tried++;
          expect(read(wrong), JSON.stringify(wrong)).to.equal(null);
        }
      expect(tried).to.be.at.least(2);
    });

    it(`${what} may be anything, and nothing is thrown`, () => {
      fc.assert(fc.property(fc.jsonValue(), (value) => void read(value)));
    });
  }

  it('a filter with more in it than is known is none: without that it would be wider than was meant', () => {
    expect(readOrder({ do: 'forget', wanted: { sender: 'a', only: 'these' } })).to.equal(null);
    expect(readOrder({ do: 'forget' })).to.equal(null);
    expect(readOrder({ do: 'forget', wanted: [] })).to.equal(null);
  });

  it('a moment that no clock can show is none: the thread that has the greylist would end on it', () => {
    for (const ms of [1e300, -1e300, 8.64e15 + 2, 0.5]) {
      expect(readOrder({ do: 'allow', whom: 'example.net', untilMs: ms })).to.equal(null);
      expect(readOrder({ do: 'release', wanted: { sinceMs: ms } })).to.equal(null);
    }
    expect(readOrder({ do: 'allow', whom: 'example.net', untilMs: 8.64e15 })).not.to.equal(null);
  });
});
