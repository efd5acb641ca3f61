/** Which records are known to pass nobody's address without being evaluated for it. */

import { expect } from 'chai';
import { Grounds } from '../../lib/spf/grounds.ts';
import { outside, outsider } from '../../lib/spf/outsiders.ts';

const IDENTITY = {
  domain: 'example.net',
  sender: 'alice@example.net',
  helo: 'mx.example.net',
  receiver: 'mx.example.org',
};

function isOutside(ip: string, grounds: Grounds): boolean {
  return outside([outsider(ip)], grounds, IDENTITY).length > 0;
}

describe('192.0.2.1 is known to be passed by no', () => {
  const rows: readonly (readonly [record: string, outside: boolean])[] = [
    ['ip4:198.51.100.0/24 ip4:192.0.2.2 ip4:192.0.2.128/25 -all', true],
    ['ip6:2001:db8::/32 ip6:::/0 -all', true],
    ['ip4:192.0.2.0/24 -all', false],
    ['IP4:192.0.2.1', false],
    ['ip4:0.0.0.0/0', false],
    ['~ip4:192.0.2.0/24 ?all', true],
    ['+all', false],
    ['all', false],
    ['-all +all ip4:192.0.2.1', true],
    // Addresses that were heard of: 192.0.2.10, 203.0.113.7.
    ['a mx a:host.example.net -all', true],
    ['a:%{h} a:%{d} mx:%{o} a:%{l}.example.com ~all', true],
    ['a:host.example.net/29 -all', true],
    ['a:host.example.net/28 -all', false],
    ['mx/24//128 -all', false],
    ['a//0 -all', true],
    ['-mx/0 -all', true],
    ['ptr ptr:example.net include:_spf.example.com redirect=_spf.example.com', true],
    // Would ask the DNS about the address.
    ['a:%{i}.example.net -all', false],
    ['-a:%{ir}.example.net -all', false],
    ['a:192.0.2.1.example.net -all', false],
    ['mx:1.2.0.192.example.net -all', false],
    ['include:%{i}.example.net -all', false],
    ['-include:192.0.2.1.example.net -all', false],
    ['redirect=%{ir}.example.net', false],
    ['include:%{h} redirect=_spf.%{d}', true],
    // Too hard to say.
    ['exists:host.example.net -all', false],
    ['a:%{h2} -all', false],
    ['a:%{H} -all', false],
    ['exp=%{i}.example.net x-y=%{i} -all', true],
  ];
  for (const [record, outside] of rows)
    it(`${record}${outside ? '' : ': that is not known'}`, () => {
      expect(isOutside('192.0.2.1', heard([`v=spf1 ${record}`]))).to.equal(outside);
    });

  function heard(texts: readonly string[], exchange = 'host.example.net'): Grounds {
    const grounds = new Grounds();
    grounds.hear('TXT', 'example.net', { status: 'found', records: texts, ttl: 60 });
    grounds.hear('A', 'x.example', { status: 'found', records: ['192.0.2.10', '203.0.113.7'], ttl: 60 });
    grounds.hearMx({ status: 'found', records: [{ preference: 1, exchange }], ttl: 60 });
    return grounds;
  }

  it('other text', () => {
    const grounds = heard(['v=spf1 -all', 'v=spf10 +all', 'v=DKIM1 +all', 'V=SPF1']);
    expect(isOutside('192.0.2.1', grounds)).to.equal(true);
  });

  it('MX that is named after it, nor where the DNS has failed: that is not known', () => {
    const named = heard(['v=spf1 mx -all'], 'a.192.0.2.1.example.net');
    expect(isOutside('192.0.2.1', named)).to.equal(false);
    const failed = heard(['v=spf1 -all']);
    failed.hear('A', 'y.example', { status: 'temperror', why: 'SERVFAIL' });
    expect(isOutside('192.0.2.1', failed)).to.equal(false);
  });

  for (const [record, outside] of [
    ['ip6:2001:db8:1::/48 ip4:0.0.0.0/0 ip6:2001:db8::2/127 -all', true],
    ['ip6:2001:db8::/32 -all', false],
    ['ip6:2001:DB8::0:1 -all', false],
    ['ip6:::ffff:192.0.2.1 -all', false],
    ['a/0//64 -all', true],
    ['a/32//32 -all', false],
  ] as const)
    it(`${record}, and 2001:db8::1${outside ? '' : ': that is not known'}`, () => {
      const grounds = new Grounds();
      grounds.hear('TXT', 'example.net', { status: 'found', records: [`v=spf1 ${record}`], ttl: 60 });
      grounds.hear('AAAA', 'x.example', { status: 'found', records: ['2001:db8:1::1'], ttl: 60 });
      expect(isOutside('2001:db8::1', grounds)).to.equal(outside);
    });
});
