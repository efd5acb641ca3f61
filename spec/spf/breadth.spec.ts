/** Which records say by themselves that they pass too many, or hide whom they pass. */

import { expect } from 'chai';
import { isBroad } from '../../lib/spf/breadth.ts';

describe('A record', () => {
  const eights = (count: number): string =>
    Array.from({ length: count }, (_, i) => `ip4:${20 + i}.0.0.0/8`).join(' ');
  const sixteens = (count: number): string =>
    Array.from({ length: count }, (_, i) => `ip6:24${10 + i}::/16`).join(' ');
  const rows: readonly (readonly [record: string, ipv4: boolean, ipv6: boolean])[] = [
    ['ip4:192.0.2.0/24 ip6:2001:db8::/32 mx a:mx.example.net include:_spf.example.com -all', false, false],
    [eights(8), false, false],
    [`${eights(8)} +IP4:192.0.2.1`, true, false],
    [`${eights(8)} ~ip4:0.0.0.0/0 -ip4:0.0.0.0/0 ?ip4:0.0.0.0/0`, false, false],
    ['ip4:0.0.0.0/1', true, false],
    // With the ten addresses that were heard of.
    ['a mx a:h.example.net/16//32 mx:example.net/24 -all', false, false],
    ['a/8', true, false],
    ['a:h.example.net/8//64 -mx/0', true, false],
    ['mx//16', false, true],
    [sixteens(8), false, false],
    [sixteens(9), false, true],
    ['ip6:2000::/3', false, true],
    // Names that are the client's alone are asked for, and tell.
    ['exists:%{i}._spf.%{d} include:%{ir}.%{v}.%{d} -all', false, false],
    ['exists:%{ir.}.example.net a:%{i-}.example.net', false, false],
    ['exists:%{i4}.example.net', false, true],
    ['exists:%{i32r}.example.net', false, false],
    // Names that are a part of others' too are not.
    ['exists:%{i1}.example.net', true, true],
    ['-exists:%{I3R}.example.net', true, true],
    ['redirect=%{i2r}.example.net', true, true],
    ['include:a.%{p}.example.net', true, true],
    ['ptr:com', true, true],
    ['+PTR:net.', true, true],
    ['ptr -ptr:com ptr:example.com ptr:%{d}', false, false],
    ['exp=%{p}.example.net x-y=%{i1} ip4:192.0.2.1', false, false],
    ['exists:%{l1}.%{d2}.%{h}.example.net', false, false],
  ];
  for (const [record, ipv4, ipv6] of rows)
    it(`${record.slice(0, 90)}: ${ipv4 ? '' : 'not '}for IPv4, ${ipv6 ? '' : 'not '}for IPv6`, () => {
      expect(isBroad([`v=spf1 ${record}`], 10, 'ipv4')).to.equal(ipv4);
      expect(isBroad([`v=spf1 ${record}`], 10, 'ipv6')).to.equal(ipv6);
    });

  it('of many: what they pass together', () => {
    expect(isBroad([`v=spf1 ${eights(4)}`, `v=spf1 ${eights(5)}`], 0, 'ipv4')).to.equal(true);
  });
});
