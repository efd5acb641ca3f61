/** What the DNS would say, from lines: the same as a real resolver hears from a server with that zone. */

import { expect } from 'chai';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';

const NEVER = new AbortController().signal;

const ZONE = [
  'example.org. MX 10 MX.example.org.',
  'example.org. TXT "v=spf1 " "-all"',
  'mx.example.org. A 192.0.2.1',
  'mx.example.org. A 192.0.2.2',
  'mx.example.org. AAAA 2001:db8::1',
  'www.example.org. CNAME mx.example.org.',
  'null.example.org. MX 0 .',
  'accent.example.org. TXT é',
  'gone.example.org. NXDOMAIN',
  'broken.example.org. SERVFAIL',
  'half.example.org. REFUSED MX',
  'half.example.org. A 192.0.2.3',
  'strange.example.org. GARBAGE',
  '1.2.0.192.in-addr.arpa. PTR Mx.example.org.',
];

const NAMES = [
  ...new Set(ZONE.map((line) => line.split('. ')[0]!)),
  'deep.mx.example.org',
  'org',
  '',
  'a..example.org',
  'bücher.example',
];

describe('zoneResolver', () => {
  let dns: DnsServer;
  before(async () => {
    dns = await DnsServer.start(ZONE);
  });
  after(() => dns.close());

  for (const name of NAMES)
    it(`says of "${name}" what a resolver hears from a name server`, async () => {
      const real = new NodeResolver({ servers: [dns.address], timeoutMs: 2000 });
      const written = zoneResolver(ZONE);
      for (const type of ['a', 'aaaa', 'mx', 'ptr', 'txt'] as const) {
        const { status, ...rest } = await written[type](name, NEVER);
        const heard = await real[type](name, NEVER);
        expect(status, type).to.equal(heard.status);
        if ('records' in rest && 'records' in heard)
          expect(rest.records, type).to.have.deep.members([...heard.records]);
        if ('why' in rest && 'why' in heard) expect(rest.why, type).to.equal(heard.why);
      }
    });

  it('gives up on names that stand for each other', async () => {
    const circle = zoneResolver(['a.example. CNAME b.example.', 'b.example. CNAME a.example.']);
    expect(await circle.a('a.example', NEVER)).to.include({ status: 'temperror' });
  });

  for (const line of ['', 'example.org.', 'example.org. A', 'example.org. HINFO x', 'A 192.0.2.1'])
    it(`takes no line such as "${line}"`, () => {
      expect(() => zoneResolver([line])).to.throw(SyntaxError, /not a line of a zone/);
    });
});
