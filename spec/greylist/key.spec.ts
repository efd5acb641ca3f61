import { expect } from 'chai';
import fc from 'fast-check';
import { keysOf, pairKey, type Key } from '../../lib/greylist/key.ts';
import {
  formatOrigins,
  MOST_ORIGINS,
  parseOrigins,
  withOrigins,
  type Origin,
} from '../../lib/greylist/triplet.ts';
import { attempt, network } from './attempts.ts';

const origins = fc.record({
  kind: fc.constantFrom<Origin['kind']>('network', 'ptr', 'spf'),
  value: fc.oneof(fc.string(), fc.constantFrom('\n', '\\n', 'a\\\nb')),
});

const PTR: Origin = { kind: 'ptr', value: 'example.net' };

function keyOf(origin: Origin, sender: string, recipient: string): Key {
  return keysOf({ origins: [origin], sender, recipient })[0]!;
}

describe('Keys', () => {
  it('are eight bytes of the SHA-256 of sender and recipient, and eight of that of the origin', () => {
    const [key] = keysOf({ origins: [network()], sender: 'alice@example.net', recipient: 'bob@example.org' });
    // printf '17:alice@example.netbob@example.org' | sha256sum; printf 'network:192.0.2.0/24' | sha256sum
    expect(Buffer.from(key!).toString('hex')).to.equal('b2d3e3287bb02a68465d0824d39a46a1');
  });

  it('of a pair lie behind its own, and nobody else is between them', () => {
    const pair = { sender: 'alice@example.net', recipient: 'bob@example.org' };
    const [first, ...all] = [pairKey(pair), ...keysOf({ ...pair, origins: [network(), PTR] })];
    for (const key of all) {
      expect(Buffer.compare(first, key)).to.equal(-1);
      expect([...key.subarray(0, 8)]).to.deep.equal([...first.subarray(0, 8)]);
    }
  });

  it('do not mix up where one text ends and the next begins', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ':', '1', '\0'), maxLength: 3 });
    fc.assert(
      fc.property(fc.tuple(origins, text, text), fc.tuple(origins, text, text), (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(Buffer.from(keyOf(...one)).equals(keyOf(...other))).to.equal(same);
      }),
    );
  });

  it('needs an origin', () => {
    expect(() => keysOf(attempt(1, []))).to.throw(RangeError, 'origin');
  });
});

describe('origins', () => {
  it('are read as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(origins, { minLength: 1 }), (list) => {
        expect(parseOrigins(formatOrigins(list))).to.deep.equal(list);
      }),
    );
  });

  it('are remembered once, the one seen last as the youngest, the oldest forgotten', () => {
    const many = Array.from({ length: MOST_ORIGINS }, (_, i) => network(`198.51.${i}.0/24`));
    const { kept, forgotten } = withOrigins(many, [many[0]!, network()]);
    expect(forgotten).to.deep.equal([many[1]]);
    expect(kept).to.deep.equal([...many.slice(2), many[0], network()]);
  });
});
