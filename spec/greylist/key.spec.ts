import { expect } from 'chai';
import fc from 'fast-check';
import { keyOf, keysOf } from '../../lib/greylist/key.ts';
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

describe('keyOf', () => {
  it('is the first 16 bytes of a SHA-256', () => {
    // printf 'network:12:17:192.0.2.0/24alice@example.netbob@example.org' | sha256sum
    const key = keyOf(network(), 'alice@example.net', 'bob@example.org');
    expect(Buffer.from(key).toString('hex')).to.equal('c5f4e4bd26ef91556c66a68e0249308c');
  });

  it('does not mix up where one text ends and the next begins', () => {
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
