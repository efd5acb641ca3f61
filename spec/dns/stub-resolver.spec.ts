import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { noCounts } from '../../lib/dns/dns-counts.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { a, response } from '../support/dns/bytes.ts';
import { HostileServer, type Asked } from '../support/dns/hostile-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { without } from '../support/without.ts';
import { resolverContract } from './resolver-contract.ts';

const NEVER = new AbortController().signal;
const HOUR = 3_600_000;

describe('The resolver of our own', () => {
  resolverContract((servers, timeoutMs) => new StubResolver({ servers, timeoutMs, now: () => 0 }));

  for (const server of [
    '',
    'ns.example.org',
    '2001:db8::53:53x',
    '192.0.2.53:99999',
    '[192.0.2.53]:53',
    '::1]:53',
  ])
    it(`refuses ${JSON.stringify(server)} as a server`, () => {
      expect(() => new StubResolver({ servers: [server], timeoutMs: 1000, now: () => 0 })).to.throw(
        TypeError,
      );
    });

  it('takes the word of the first server that a name does not exist', async () => {
    const [first, second] = [await DnsServer.start(), await DnsServer.start(['example.org. A 192.0.2.1'])];
    const servers = [first.address, second.address];
    const resolver = new StubResolver({ servers, timeoutMs: 1000, now: () => 0 });
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'nxdomain' });
    await Promise.all([first.close(), second.close()]);
  });

  it('finds a server that is there again', async () => {
    const gone = await DnsServer.start();
    const { address } = gone;
    await gone.close();
    const resolver = new StubResolver({ servers: [address], timeoutMs: 400, now: () => 0 });
    expect(await resolver.a('example.org', NEVER)).to.deep.equal({
      status: 'temperror',
      why: 'no DNS server listens',
    });
    const back = await DnsServer.start(['example.org. A 192.0.2.1'], Number(address.split(':')[1]));
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'found' });
    await back.close();
  });

  it('tries a server that kept silent again, with one lookup, and then asks it first as before', async () => {
    const first = await DnsServer.start(['example.org. SILENCE']);
    const second = await DnsServer.start(['example.org. A 192.0.2.2']);
    const servers = [first.address, second.address];
    const resolver = new StubResolver({ servers, timeoutMs: 200, now: () => 0, restMs: 100 });
    for (let n = 0; n < 3; n++) await resolver.a('example.org', NEVER);
    expect(first.queries).to.have.length(3);
    first.serve(['example.org. A 192.0.2.1']);
    let heard = await resolver.a('example.org', NEVER);
    expect(heard)
      .to.include({ status: 'found' })
      .and.deep.include({ records: ['192.0.2.2'] });
    while (heard.status === 'found' && heard.records[0] === '192.0.2.2')
      heard = await resolver.a('example.org', NEVER);
    expect(first.queries).to.have.length(4);
    expect(await resolver.a('example.org', NEVER)).to.deep.include({ records: ['192.0.2.1'] });
    await Promise.all([first.close(), second.close()]);
  });

  it('tries it by new sockets: our own address may be another by now', async () => {
    const old = new Set<number>();
    const dns = await HostileServer.start(({ bytes, n, port }) => {
      if (n < 4) old.add(port);
      return old.has(port) ? null : response(bytes, { answers: [a(192, 0, 2, 1)] });
    });
    const resolver = new StubResolver({ servers: [dns.address], timeoutMs: 60, now: () => 0, restMs: 20 });
    while ((await resolver.a('example.org', NEVER)).status !== 'found');
    expect(old.size).to.equal(4);
    await dns.close();
  });

  it('asks by IPv6', async function () {
    const dns = createSocket('udp6');
    const bound = await new Promise<boolean>((resolve) => {
      dns.once('error', () => resolve(false));
      dns.bind(0, '::1', () => resolve(true));
    });
    if (!bound) return without(this, 'A name server on ::1', 'IPv6');
    dns.on('message', (bytes, { port }) =>
      dns.send(response(bytes, { answers: [a(192, 0, 2, 1)] }), port, '::1'),
    );
    const servers = [`[::1]:${dns.address().port}`];
    const resolver = new StubResolver({ servers, timeoutMs: 2000, now: () => 0 });
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'found' });
    dns.close();
  });

  for (const [atOnce, limit] of [
    [undefined, 64],
    [8, 8],
  ] as const)
    it(`has no more than ${limit} queries on the way to a server, and the others wait in line`, async () => {
      const held: Asked[] = [];
      let most = 0;
      const answerAll = (): void => {
        most = Math.max(most, held.length);
        for (const asked of held.splice(0)) asked.send(response(asked.bytes, { answers: [a(192, 0, 2, 1)] }));
      };
      const dns = await HostileServer.start((asked) => {
        held.push(asked);
        // Whoever does not keep to it has the time to.
        if (held.length === limit || asked.n === 199) setTimeout(answerAll, 20);
        return null;
      });
      const resolver = new StubResolver({
        servers: [dns.address],
        timeoutMs: HOUR,
        now: () => 0,
        ...(atOnce === undefined ? {} : { atOnce }),
      });
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, n) => resolver.a(`h${n}.example.org`, NEVER)),
      );
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set(['found']));
      expect(most).to.equal(limit);
      expect(dns.asked).to.have.length(200);
      await dns.close();
    });

  it('names that the server has to look up for long do not hold up the line', async () => {
    const dns = await HostileServer.start(({ bytes, question }) =>
      question.startsWith('slow') ? null : response(bytes, { answers: [a(192, 0, 2, 1)] }),
    );
    const resolver = new StubResolver({ servers: [dns.address], timeoutMs: HOUR, now: () => 0 });
    const all = new AbortController();
    const slow = Array.from({ length: 64 }, (_, n) => resolver.a(`slow${n}.example.org`, all.signal));
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'found' });
    all.abort();
    await Promise.all(slow);
    await dns.close();
  });

  it('whoever waits in line can go, and the others move up', async () => {
    const held: Asked[] = [];
    let full = (): void => {};
    const sixtyFour = new Promise<void>((resolve) => (full = resolve));
    const dns = await HostileServer.start((asked) => {
      if (held.push(asked) === 64) full();
      return asked.n < 64 ? null : response(asked.bytes, { answers: [a(192, 0, 2, 1)] });
    });
    const resolver = new StubResolver({ servers: [dns.address], timeoutMs: HOUR, now: () => 0 });
    const some = new AbortController();
    const first = Array.from({ length: 64 }, (_, n) => resolver.a(`h${n}.example.org`, some.signal));
    const leaving = Array.from({ length: 64 }, (_, n) => resolver.a(`l${n}.example.org`, some.signal));
    const last = resolver.a('last.example.org', NEVER);
    await sixtyFour;
    some.abort();
    expect(await last).to.include({ status: 'found' });
    await Promise.all([...first, ...leaving]);
    expect(dns.asked.at(-1)!.question).to.equal('last.example.org A');
    expect(dns.asked.some(({ question }) => question.startsWith('l0'))).to.equal(false);
    await dns.close();
  });

  it('beyond ten thousand lookups at once it says so', async () => {
    const dns = await HostileServer.start(() => null);
    const resolver = new StubResolver({ servers: [dns.address], timeoutMs: HOUR, now: () => 0 });
    const all = new AbortController();
    const waiting = Array.from({ length: 10_000 }, (_, n) => resolver.a(`h${n}.example.org`, all.signal));
    expect(await resolver.a('example.org', NEVER)).to.deep.equal({
      status: 'temperror',
      why: 'more than 10000 lookups wait',
    });
    all.abort();
    await Promise.all(waiting);
    await dns.close();
  });

  it('counts what it does', async () => {
    const dns = await DnsServer.start([
      'example.org. A 192.0.2.1',
      `long.example.org. TXT ${'"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" '.repeat(30)}`,
      'silent.example.org. SILENCE',
    ]);
    const counts = noCounts();
    const resolver = new StubResolver({ servers: [dns.address], timeoutMs: 200, now: () => 0, counts });
    await resolver.a('example.org', NEVER);
    await resolver.txt('long.example.org', NEVER);
    expect(counts).to.include({ queries: 2, tcp: 1, timeouts: 0, retries: 0 });
    await resolver.a('silent.example.org', NEVER);
    expect(counts).to.include({ timeouts: 1 });
    expect(counts.retries).to.equal(counts.queries - 3);
    await dns.close();
  });

  describe('on a machine with a resolv.conf', () => {
    const folder = temporaryFolder();

    it('asks the servers that it names, and others as soon as it names others', async () => {
      const [first, second] = [await DnsServer.start(), await DnsServer.start()];
      let clockMs = 0;
      const resolvConf = `${folder()}/resolv.conf`;
      writeFileSync(resolvConf, `nameserver ${first.address}\n`);
      const resolver = new StubResolver({
        servers: 'system',
        timeoutMs: 2000,
        now: () => clockMs,
        resolvConf,
      });
      await resolver.a('a.example.org', NEVER);
      writeFileSync(resolvConf, `# another\nnameserver ${second.address}\n`);
      await resolver.a('b.example.org', NEVER);
      clockMs += 1000;
      await resolver.a('c.example.org', NEVER);
      expect([first.queries, second.queries]).to.deep.equal([
        ['a.example.org A', 'b.example.org A'],
        ['c.example.org A'],
      ]);
      await Promise.all([first.close(), second.close()]);
    });
  });
});
