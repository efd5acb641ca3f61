/** What the MTA will say of a client's name, from the DNS as it is. */

import { expect } from 'chai';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { lookUpClient, reverseName } from '../../lib/explain/client-name.ts';
import { parseAddress } from '../../lib/mail/network.ts';

const PTR = '10.2.0.192.in-addr.arpa. PTR MX.example.net.';

const cases: readonly [
  title: string,
  zone: readonly string[],
  ptr: string | null,
  resolve: string,
  found: RegExp,
][] = [
  [
    'leads back',
    [PTR, 'mx.example.net. A 192.0.2.9', 'mx.example.net. A 192.0.2.10'],
    'mx.example.net',
    'ok',
    /leads back/,
  ],
  ['is not there', [], null, 'fail', /no PTR/],
  [
    'can not be looked up',
    ['10.2.0.192.in-addr.arpa. SERVFAIL'],
    null,
    'temp',
    /no answer about its PTR: SERVFAIL/,
  ],
  ['has no address', [PTR], 'mx.example.net', 'forged', /which has no address/],
  [
    'leads elsewhere',
    [PTR, 'mx.example.net. A 203.0.113.1'],
    'mx.example.net',
    'forged',
    /leads to 203\.0\.113\.1/,
  ],
  [
    'has an address that can not be looked up',
    [PTR, 'mx.example.net. REFUSED'],
    'mx.example.net',
    'temp',
    /REFUSED/,
  ],
  ['is no host name', ['10.2.0.192.in-addr.arpa. PTR -10.example.'], null, 'fail', /no host name/],
];

describe('lookUpClient, of a client whose name', () => {
  for (const [title, zone, ptr, resolve, found] of cases)
    it(`${title}: ${resolve}`, async () => {
      const client = await lookUpClient(zoneResolver(zone), parseAddress('192.0.2.10')!);
      expect(client).to.include({ address: '192.0.2.10', ptr, resolve });
      expect(client.found).to.match(found);
    });

  it('is asked for by nibbles where the address is of IPv6', async () => {
    const address = parseAddress('2001:db8::a')!;
    const name = `a.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
    expect(reverseName(address)).to.equal(name);
    const zone = [`${name}. PTR mx.example.net.`, 'mx.example.net. AAAA 2001:db8:0::a'];
    expect(await lookUpClient(zoneResolver(zone), address)).to.include({ resolve: 'ok' });
  });
});
