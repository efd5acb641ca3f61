import { expect } from 'chai';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { resolverContract } from './resolver-contract.ts';

const NEVER = new AbortController().signal;

describe("The resolver over Node's own", () => {
  resolverContract((servers, timeoutMs) => new NodeResolver({ servers, timeoutMs }));

  for (const server of [
    '192.0.2.53',
    '192.0.2.53:5353',
    '2001:db8::53',
    '[2001:db8::53]',
    '[2001:db8::53]:53',
  ]) {
    it(`takes ${server} as a server`, () => {
      expect(() => new NodeResolver({ servers: [server], timeoutMs: 1000 })).not.to.throw();
    });
  }

  for (const server of [
    '',
    'ns.example.org',
    '2001:db8::53:53x',
    '192.0.2.53:99999',
    '[192.0.2.53]:53',
    '::1]:53',
  ]) {
    it(`refuses ${JSON.stringify(server)} as a server`, () => {
      expect(() => new NodeResolver({ servers: [server], timeoutMs: 1000 })).to.throw();
    });
  }

  it('takes the servers of the system', () => {
    expect(() => new NodeResolver({ servers: 'system', timeoutMs: 1000 })).not.to.throw();
  });

  for (const fault of ['SERVFAIL', 'REFUSED', 'FORMERR', 'GARBAGE', 'SILENCE']) {
    it(`asks the next server when one answers with ${fault}`, async () => {
      const bad = await DnsServer.start([`example.org. ${fault}`]);
      const good = await DnsServer.start(['example.org. A 192.0.2.1']);
      const resolver = new NodeResolver({ servers: [bad.address, good.address], timeoutMs: 1000 });
      expect(await resolver.a('example.org', NEVER)).to.include({ status: 'found' });
      expect(bad.queries).to.have.length(1);
      await Promise.all([bad.close(), good.close()]);
    });
  }

  it('takes the word of the first server that a name does not exist', async () => {
    const [first, second] = [await DnsServer.start(), await DnsServer.start(['example.org. A 192.0.2.1'])];
    const resolver = new NodeResolver({ servers: [first.address, second.address], timeoutMs: 1000 });
    expect(await resolver.a('example.org', NEVER)).to.include({ status: 'nxdomain' });
    await Promise.all([first.close(), second.close()]);
  });

  it('cannot tell when all servers fail', async () => {
    const first = await DnsServer.start(['example.org. SERVFAIL']);
    const second = await DnsServer.start(['example.org. REFUSED']);
    const resolver = new NodeResolver({ servers: [first.address, second.address], timeoutMs: 1000 });
    expect(await resolver.a('example.org', NEVER)).to.deep.equal({ status: 'temperror', why: 'REFUSED' });
    await Promise.all([first.close(), second.close()]);
  });

  describe('that may ask one question at a time', () => {
    let dns: DnsServer;
    beforeEach(async () => {
      dns = await DnsServer.start(['example.org. A 192.0.2.1', 'silent.example.org. SILENCE']);
    });
    afterEach(() => dns.close());

    it('answers all of them', async () => {
      const resolver = new NodeResolver({ servers: [dns.address], timeoutMs: 2000, atOnce: 1 });
      const answers = await Promise.all(Array.from({ length: 20 }, () => resolver.a('example.org', NEVER)));
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set(['found']));
    });

    it('lets the time of those that wait run', async () => {
      const resolver = new NodeResolver({ servers: [dns.address], timeoutMs: 100, atOnce: 1 });
      const [, waiting] = await Promise.all([
        resolver.a('silent.example.org', NEVER),
        resolver.a('silent.example.org', NEVER),
      ]);
      expect(waiting).to.include({ status: 'temperror' });
    });
  });
});
