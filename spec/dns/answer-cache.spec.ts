import { expect } from 'chai';
import * as fc from 'fast-check';
import { AnswerCache, type Entry } from '../../lib/dns/answer-cache.ts';

const entry = (text: string): Entry => ({ status: 'found', text, untilMs: 0, failedMs: null });

/** What the cache must be, without a thought for speed: the last used is the last. */
class Model {
  list: { key: string; entry: Entry; cost: number }[] = [];

  get(key: string): Entry | undefined {
    const found = this.list.find((each) => each.key === key);
    if (found !== undefined) this.list = [...this.list.filter((each) => each !== found), found];
    return found?.entry;
  }

  set(key: string, entry: Entry, cost: number, bounds: { entries: number; bytes: number }): void {
    this.list = this.list.filter((each) => each.key !== key);
    if (cost > bounds.bytes || bounds.entries === 0) return;
    this.list.push({ key, entry, cost });
    while (this.list.length > bounds.entries || this.bytes > bounds.bytes) this.list.shift();
  }

  get bytes(): number {
    return this.list.reduce((sum, { cost }) => sum + cost, 0);
  }
}

describe('AnswerCache', () => {
  it('keeps what was used last, within both bounds, whatever is done to it', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const step = fc.oneof(
      fc.record({ do: fc.constant('get' as const), key }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('set' as const), key, length: fc.nat({ max: 400 }) }),
    );
    const bounds = fc.record({ entries: fc.nat({ max: 6 }), bytes: fc.nat({ max: 2000 }) });
    const alone = new AnswerCache({ entries: 9, bytes: 1e6 });
    alone.set('a', entry(''));
    const overhead = alone.bytes - 1;
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 60 }), (bounds, steps) => {
        const cache = new AnswerCache(bounds);
        const model = new Model();
        let [set, evicted] = [0, 0];
        for (const each of steps) {
          if (each.do === 'get') expect(cache.get(each.key)?.text).to.equal(model.get(each.key)?.text);
          if (each.do === 'delete') {
            cache.delete(each.key);
            model.list = model.list.filter(({ key }) => key !== each.key);
          }
          if (each.do === 'set') {
            const made = entry('x'.repeat(each.length));
            const before = cache.size;
            evicted = cache.set(each.key, made);
            model.set(each.key, made, overhead + 1 + each.length, bounds);
            expect(evicted).to.be.within(0, before);
            set++;
          }
          expect(cache.size).to.equal(model.list.length).and.at.most(bounds.entries);
          expect(cache.bytes).to.equal(model.bytes).and.at.most(bounds.bytes);
        }
        return set >= 0;
      }),
      { numRuns: 500 },
    );
  });

  it('counts what had to go', () => {
    const cache = new AnswerCache({ entries: 2, bytes: 1e6 });
    expect(['a', 'b', 'c', 'd'].map((key) => cache.set(key, entry('')))).to.deep.equal([0, 0, 1, 1]);
    expect(cache.set('d', entry('other'))).to.equal(0);
    expect([cache.get('b'), cache.get('c')?.text, cache.get('d')?.text]).to.deep.equal([
      undefined,
      '',
      'other',
    ]);
  });
});
