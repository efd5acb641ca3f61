import { expect } from 'chai';
import { networkOf, NetworkSet, parseAddress, parseNetwork } from '../../lib/mail/network.ts';

describe('An IP address', () => {
  const cases: readonly [string, string | null][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['IPv6:2001:db8:0:0:0:0:0:10', '2001:db8::10'],
    ['2001:DB8::A', '2001:db8::a'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2', null],
    ['192.0.2.256', null],
    ['01.02.03.04', null],
    ['mx.example.org', null],
    ['', null],
    ['::1::2', null],
  ];
  for (const [written, text] of cases) {
    it(`${JSON.stringify(written)} is read as ${text}`, () => {
      expect(parseAddress(written)?.text ?? null).to.equal(text);
    });
  }
});

describe('The network of an address', () => {
  const cases: readonly [string, number, string][] = [
    ['192.0.2.77', 24, '192.0.2.0/24'],
    ['192.0.2.77', 32, '192.0.2.77/32'],
    ['192.0.2.77', 0, '0.0.0.0/0'],
    ['192.0.2.77', 26, '192.0.2.64/26'],
    ['255.255.255.255', 25, '255.255.255.128/25'],
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6', 48, '2001:db8:1::/48'],
    ['::1', 64, '::/64'],
    ['2001:db8::ffff', 127, '2001:db8::fffe/127'],
  ];
  for (const [address, prefix, network] of cases) {
    it(`${address}/${prefix} is ${network}`, () => {
      expect(networkOf(parseAddress(address)!, prefix)).to.equal(network);
    });
  }
});

describe('A set of networks', () => {
  const set = new NetworkSet(
    ['127.0.0.0/8', '[::1]/128', '2001:db8::/32', '192.0.2.1', '::ffff:198.51.100.0/120'].map((text) =>
      parseNetwork(text)!,
    ),
  );
  const cases: readonly [string, boolean][] = [
    ['127.0.0.1', true],
    ['127.255.0.1', true],
    ['128.0.0.1', false],
    ['::1', true],
    ['::2', false],
    ['::ffff:127.0.0.1', true],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['198.51.100.7', true],
  ];
  for (const [address, inside] of cases) {
    it(`${inside ? 'has' : 'does not have'} ${address}`, () => {
      expect(set.has(parseAddress(address))).to.equal(inside);
    });
  }

  it('does not have an unknown address', () => {
    expect(set.has(null)).to.equal(false);
  });

  for (const wrong of [
    '192.0.2.0/33',
    '::/129',
    '192.0.2.0/x',
    'example.org',
    '192.0.2.0/24/8',
    '::ffff:192.0.2.0/24',
    '',
  ]) {
    it(`can't be made of ${JSON.stringify(wrong)}`, () => {
      expect(parseNetwork(wrong)).to.equal(null);
    });
  }
});
