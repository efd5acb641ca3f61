/** What was worked out lately: kept for its time, in bounded memory, what was used last longest. */

import { expect } from 'chai';
import fc from 'fast-check';
import { Recent } from '../../lib/spf/recent.ts';

describe('What was worked out lately', () => {
  it('is there until its time is over', () => {
    const recent = new Recent({ entries: 10, bytes: 10_000 });
    recent.set('a', 'one', 100);
    expect(recent.get('a', 99)).to.equal('one');
    expect(recent.get('a', 100)).to.equal(null);
    expect(recent.get('b', 0)).to.equal(null);
  });

  it('stays while it is used', () => {
    const recent = new Recent({ entries: 10, bytes: 10_000 });
    recent.set('used', 'one', 100);
    for (let n = 0; n < 100; n++) {
      recent.set(`new ${n}`, '', 100);
      expect(recent.get('used', 0)).to.equal('one');
    }
    expect(recent.get('new 0', 0)).to.equal(null);
    expect(recent.get('new 99', 0)).to.equal('');
  });

  it('stays until half of the bounds have come since', () => {
    const recent = new Recent({ entries: 10, bytes: 10_000 });
    const filled = (first: number): void => {
      for (let n = first; n < first + 5; n++) recent.set(`new ${n}`, '', 100);
    };
    recent.set('a', 'one', 100);
    filled(0);
    expect(recent.get('a', 0)).to.equal('one');
    filled(5);
    filled(10);
    expect(recent.get('a', 0)).to.equal(null);
  });

  it('never takes more than its bounds, and is never another’s', () => {
    const action = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      length: fc.nat(600),
      set: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const bounds = { entries: 6, bytes: 3000 };
        const recent = new Recent(bounds);
        const last = new Map<string, string>();
        for (const [n, { key, length, set }] of actions.entries()) {
          if (set) {
            last.set(key, String(n).padEnd(length));
            recent.set(key, last.get(key)!, 1);
          }
          const told = recent.get(key, 0);
          if (told !== null) expect(told).to.equal(last.get(key));
          const { entries, bytes } = recent.size;
          expect(entries).to.be.at.most(bounds.entries);
          expect(bytes).to.be.at.most(bounds.bytes);
          expect(entries === 0).to.equal(bytes === 0);
        }
      }),
    );
  });

  it('is not kept where it alone is beyond the bounds', () => {
    for (const bounds of [
      { entries: 0, bytes: 1000 },
      { entries: 10, bytes: 300 },
    ]) {
      const recent = new Recent(bounds);
      recent.set('a', 'x'.repeat(100), 1);
      expect(recent.get('a', 0)).to.equal(null);
      expect(recent.size).to.deep.equal({ entries: 0, bytes: 0 });
    }
  });
});
