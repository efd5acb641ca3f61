/** Owns what every Resolver must do; a spec of each implementation runs it. */

import { expect } from 'chai';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';

const NEVER = new AbortController().signal;

/** `open` makes a resolver that asks these servers and gives up after this time. */
export function resolverContract(open: (servers: readonly string[], timeoutMs: number) => Resolver): void {
  let dns: DnsServer;
  let resolver: Resolver;
  beforeEach(async () => {
    dns = await DnsServer.start();
    resolver = open([dns.address], 2000);
  });
  afterEach(() => dns.close());

  const recordsOf = <T>(answer: Answer<T>): readonly T[] => {
    if (answer.status !== 'found') throw new Error(`expected records, got ${JSON.stringify(answer)}`);
    return answer.records;
  };

  it('finds IPv4 and IPv6 addresses, with the shortest TTL of theirs', async () => {
    dns.serve([
      'mx.example.org. 60 A 192.0.2.1',
      'mx.example.org. 30 A 192.0.2.2',
      'mx.example.org. AAAA 2001:db8::1',
    ]);
    const a = await resolver.a('mx.example.org', NEVER);
    expect(recordsOf(a)).to.have.members(['192.0.2.1', '192.0.2.2']);
    expect(a).to.include({ ttl: 30 });
    const aaaa = await resolver.aaaa('mx.example.org', NEVER);
    expect(recordsOf(aaaa)).to.deep.equal(['2001:db8::1']);
    expect(aaaa).to.include({ ttl: 3600 });
  });

  it('finds MX records in lower case, and the null MX as an empty name', async () => {
    dns.serve(['example.org. MX 10 MX1.example.org.', 'example.org. MX 20 mx2.example.org.']);
    expect(recordsOf(await resolver.mx('example.org', NEVER))).to.have.deep.members([
      { preference: 10, exchange: 'mx1.example.org' },
      { preference: 20, exchange: 'mx2.example.org' },
    ]);
    dns.serve(['example.net. MX 0 .']);
    expect(recordsOf(await resolver.mx('example.net', NEVER))).to.deep.equal([
      { preference: 0, exchange: '' },
    ]);
  });

  it('gives names that are no host names as they are', async () => {
    dns.serve(['example.org. MX 10 [192.0.2.1].', 'example.net. MX 10 -bad.example.org.']);
    expect(recordsOf(await resolver.mx('example.org', NEVER))[0]).to.include({ exchange: '[192.0.2.1]' });
    expect(recordsOf(await resolver.mx('example.net', NEVER))[0]).to.include({
      exchange: '-bad.example.org',
    });
  });

  it('finds PTR records', async () => {
    dns.serve(['1.2.0.192.in-addr.arpa. PTR Mail.example.org.']);
    expect(recordsOf(await resolver.ptr('1.2.0.192.in-addr.arpa', NEVER))).to.deep.equal([
      'mail.example.org',
    ]);
  });

  it('joins the parts of a TXT record, and keeps records apart', async () => {
    dns.serve(['example.org. TXT "v=spf1 ip4:192.0.2.1" " -all"', 'example.org. TXT "other"']);
    expect(recordsOf(await resolver.txt('example.org', NEVER))).to.have.members([
      'v=spf1 ip4:192.0.2.1 -all',
      'other',
    ]);
  });

  it('gives the bytes of a TXT record one by one', async () => {
    dns.serve(['example.org. TXT "é"']);
    expect(recordsOf(await resolver.txt('example.org', NEVER))).to.deep.equal(['\u00c3\u00a9']);
  });

  it('asks again by TCP what was cut', async () => {
    const long = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(250));
    dns.serve([`example.org. TXT ${long.map((part) => `"${part}"`).join(' ')}`]);
    expect(recordsOf(await resolver.txt('example.org', NEVER))).to.deep.equal([long.join('')]);
  });

  it('follows a CNAME', async () => {
    dns.serve(['www.example.org. CNAME example.org.', 'example.org. A 192.0.2.1']);
    expect(recordsOf(await resolver.a('www.example.org', NEVER))).to.deep.equal(['192.0.2.1']);
  });

  it('tells a name that does not exist from one without such a record', async () => {
    dns.serve(['mx.example.org. A 192.0.2.1']);
    expect(await resolver.a('no.example.org', NEVER)).to.include({ status: 'nxdomain' });
    expect(await resolver.aaaa('mx.example.org', NEVER)).to.include({ status: 'nodata' });
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'nodata' });
  });

  it('does not ask for what can be no name in the DNS', async () => {
    for (const name of [
      '',
      '.',
      'a..example.org',
      'example.org.',
      `${'a'.repeat(64)}.example.org`,
      'a\tb.example.org',
      'bü cher.example',
      'bü..example',
      'a\0b.example.org',
      'a\\.example.org',
      Array.from({ length: 127 }, () => 'a').join('.') + '.b',
    ]) {
      expect(await resolver.a(name, NEVER), name).to.include({ status: 'nxdomain' });
    }
    expect(dns.queries).to.deep.equal([]);
  });

  it('asks for the A-labels of a name that is not ASCII', async () => {
    dns.serve(['xn--bcher-kva.example. A 192.0.2.1']);
    expect(recordsOf(await resolver.a('Bücher.example', NEVER))).to.deep.equal(['192.0.2.1']);
  });

  for (const fault of ['SERVFAIL', 'REFUSED', 'FORMERR', 'GARBAGE']) {
    it(`cannot tell when the server answers ${fault}`, async () => {
      dns.serve([`example.org. ${fault}`]);
      for (const ask of ['a', 'aaaa', 'mx', 'ptr', 'txt'] as const) {
        expect(await resolver[ask]('example.org', NEVER), ask).to.include({ status: 'temperror' });
      }
    });
  }

  it('cannot tell when nobody listens', async () => {
    const gone = open([dns.address], 2000);
    await dns.close();
    expect(await gone.a('example.org', NEVER)).to.include({ status: 'temperror' });
    dns = await DnsServer.start();
  });

  for (const fault of ['SILENCE', 'WRONG-NAME']) {
    it(`gives up after its time when the server answers with ${fault}`, async () => {
      dns.serve([`example.org. ${fault}`]);
      const hasty = open([dns.address], 50);
      expect(await hasty.a('example.org', NEVER)).to.deep.equal({
        status: 'temperror',
        why: 'no answer within 50 ms',
      });
    });
  }

  it('answers at once when nobody waits any more', async () => {
    dns.serve(['example.org. SILENCE']);
    const patient = open([dns.address], 3_600_000);
    const abort = new AbortController();
    const answer = patient.a('example.org', abort.signal);
    abort.abort();
    expect(await answer).to.include({ status: 'temperror' });
    expect(await patient.a('example.net', abort.signal)).to.include({ status: 'temperror' });
  });

  it('answers many at once, each with its own', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `h${i}.example.org`);
    dns.serve(names.map((name, i) => `${name}. A 192.0.2.${i % 256}`));
    const answers = await Promise.all(names.map((name) => resolver.a(name, NEVER)));
    expect(answers.map((answer) => recordsOf(answer)[0])).to.deep.equal(
      names.map((_, i) => `192.0.2.${i % 256}`),
    );
  });
}
