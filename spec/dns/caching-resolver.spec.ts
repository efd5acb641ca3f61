import { expect } from 'chai';
import * as fc from 'fast-check';
import { CachingResolver, type CachingResolverOptions, oneLane } from '../../lib/dns/caching-resolver.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { a, rcode, record, response, soa, TYPES } from '../support/dns/bytes.ts';
import { HostileServer, type UdpAnswer } from '../support/dns/hostile-server.ts';
import { resolverContract } from './resolver-contract.ts';

const NEVER = new AbortController().signal;
const HOUR = 3_600_000;

describe('A resolver that remembers', () => {
  describe('over our own', () => {
    resolverContract(
      (servers, timeoutMs) =>
        new CachingResolver(oneLane(new StubResolver({ servers, timeoutMs, now: () => 0 })), {
          now: () => 0,
        }),
    );
  });

  describe("over Node's own", () => {
    resolverContract(
      (servers, timeoutMs) =>
        new CachingResolver(oneLane(new NodeResolver({ servers, timeoutMs })), { now: () => 0 }),
    );
  });

  let dns: HostileServer;
  let clockMs: number;
  let answer: UdpAnswer;
  beforeEach(async () => {
    clockMs = 1_000_000;
    answer = found(300);
    dns = await HostileServer.start((asked) => answer(asked));
  });
  afterEach(() => dns.close());

  /** 192.0.2.N, where N says how many were asked before. */
  function found(ttl: number): UdpAnswer {
    return ({ bytes, n }) =>
      response(bytes, { answers: [record({ type: TYPES.A, ttl, value: Buffer.from([192, 0, 2, n]) })] });
  }

  function caching(options: Partial<CachingResolverOptions> = {}, timeoutMs = HOUR): CachingResolver {
    const stub = new StubResolver({ servers: [dns.address], timeoutMs, now: () => clockMs });
    return new CachingResolver(oneLane(stub), { now: () => clockMs, ...options });
  }

  async function addressOf(resolver: Resolver, name = 'example.org'): Promise<string> {
    const answer = await resolver.a(name, NEVER);
    return answer.status === 'found' ? answer.records.join() : answer.status;
  }

  it('asks once for a name and type, in either case, as long as its answer is true', async () => {
    const resolver = caching();
    expect(await addressOf(resolver)).to.equal('192.0.2.0');
    clockMs += 100_000;
    expect(await resolver.a('EXAMPLE.org', NEVER)).to.deep.equal({
      status: 'found',
      records: ['192.0.2.0'],
      ttl: 200,
      remembered: true,
    });
    clockMs += 199_999;
    expect(await addressOf(resolver)).to.equal('192.0.2.0');
    clockMs += 1;
    expect(await addressOf(resolver)).to.equal('192.0.2.1');
    expect(resolver.counts).to.include({ lookups: 4, hits: 2, misses: 2 });
  });

  it('knows a name of one type nothing of another', async () => {
    const resolver = caching();
    await resolver.a('example.org', NEVER);
    answer = ({ bytes }) => response(bytes, { authorities: [soa(60, 60)] });
    expect(await resolver.aaaa('example.org', NEVER)).to.include({ status: 'nodata' });
    expect(await addressOf(resolver)).to.equal('192.0.2.0');
  });

  const lifetimes: readonly (readonly [what: string, answer: () => UdpAnswer, seconds: number])[] = [
    ['an address of a second: a minute', () => found(1), 60],
    ['an address of a minute: as long', () => found(60), 60],
    ['an address of a day: an hour', () => found(86_400), 3600],
    ['an address of 68 years: an hour', () => found(0x7fffffff), 3600],
    ['an address of no time: not at all', () => found(0), 0],
    ['an address of less than none (RFC 2181 §8): not at all', () => found(0x80000000), 0],
    [
      'that it is not there, of five seconds: as long',
      () =>
        ({ bytes }) =>
          response(bytes, { flags: rcode(3), authorities: [soa(300, 5)] }),
      5,
    ],
    [
      'that it has none, of a week: an hour',
      () =>
        ({ bytes }) =>
          response(bytes, { authorities: [soa(604_800, 604_800)] }),
      3600,
    ],
    [
      'that it has none, without an SOA: not at all',
      () =>
        ({ bytes }) =>
          response(bytes),
      0,
    ],
    [
      'a failure: not at all',
      () =>
        ({ bytes }) =>
          response(bytes, { flags: rcode(2) }),
      0,
    ],
  ];
  for (const [what, first, seconds] of lifetimes)
    it(`keeps ${what}`, async () => {
      answer = first();
      const resolver = caching();
      const before = await addressOf(resolver);
      answer = found(300);
      if (seconds > 0) {
        clockMs += seconds * 1000 - 1;
        expect(await addressOf(resolver)).to.equal(before);
        clockMs += 1;
      }
      expect(await addressOf(resolver)).to.equal('192.0.2.1');
    });

  it('asks once for all who wait at the same time, even for what is not kept', async () => {
    answer = found(0);
    const resolver = caching();
    const all = await Promise.all(Array.from({ length: 50 }, () => addressOf(resolver)));
    expect(new Set(all)).to.deep.equal(new Set(['192.0.2.0']));
    expect(await addressOf(resolver)).to.equal('192.0.2.1');
    expect(dns.asked).to.have.length(2);
  });

  it('asks a server that fails once for all who wait, and again for who comes then', async () => {
    answer = ({ bytes }) => response(bytes, { flags: rcode(2) });
    const resolver = caching();
    const all = await Promise.all(Array.from({ length: 50 }, () => addressOf(resolver)));
    expect(new Set(all)).to.deep.equal(new Set(['temperror']));
    expect(dns.asked).to.have.length(1);
    answer = found(60);
    expect(await addressOf(resolver)).to.equal('192.0.2.1');
  });

  it('remembers an answer that nobody waited for', async () => {
    const resolver = caching();
    const abort = new AbortController();
    let answerNow = (): void => {};
    const queried = new Promise<void>((resolve) => {
      answer = (one) => {
        answerNow = () => one.send(response(one.bytes, { answers: [a(192, 0, 2, 77)] }));
        resolve();
        return null;
      };
    });
    const asked = resolver.a('example.org', abort.signal);
    await queried;
    abort.abort();
    expect(await asked).to.deep.equal({ status: 'temperror', why: 'nobody waited for the answer' });
    const other = addressOf(resolver);
    answerNow();
    expect(await other).to.equal('192.0.2.77');
    expect(await addressOf(resolver)).to.equal('192.0.2.77');
    expect(dns.asked).to.have.length(1);
  });

  it('nobody can change what others are told', async () => {
    const resolver = caching();
    const first = await resolver.a('example.org', NEVER);
    if (first.status === 'found') (first.records as string[]).push('203.0.113.66');
    const second = await resolver.a('example.org', NEVER);
    if (second.status === 'found') (second.records as string[]).push('203.0.113.66');
    expect(await addressOf(resolver)).to.equal('192.0.2.0');
  });

  it('has a way past what it remembers', async () => {
    const resolver = caching();
    await addressOf(resolver);
    expect(await addressOf(resolver.fresh)).to.equal('192.0.2.1');
    expect(await addressOf(resolver)).to.equal('192.0.2.0');
  });

  it('forgets what was used longest ago, within its bounds', async () => {
    const resolver = caching({ bounds: { entries: 100, bytes: 10_000 } });
    for (let n = 0; n < 300; n++) {
      await resolver.a(`h${n}.example.org`, NEVER);
      await resolver.a('example.org', NEVER);
      expect(resolver.remembered.entries).to.be.at.most(100);
      expect(resolver.remembered.bytes).to.be.at.most(10_000);
    }
    expect(dns.asked).to.have.length(301);
    expect(resolver.counts.evicted).to.equal(301 - resolver.remembered.entries);
    await resolver.a('h0.example.org', NEVER);
    expect(dns.asked).to.have.length(302);
  });

  describe('that may serve what is stale', () => {
    const fails: UdpAnswer = ({ bytes }) => response(bytes, { flags: rcode(2) });

    it('does so while the DNS has nothing newer, for so long', async () => {
      const resolver = caching({ serveStaleMs: HOUR });
      await addressOf(resolver);
      answer = fails;
      clockMs += 300_000;
      expect(await resolver.a('example.org', NEVER)).to.deep.equal({
        status: 'found',
        records: ['192.0.2.0'],
        ttl: 0,
        remembered: true,
      });
      expect(resolver.counts).to.include({ stale: 1 });
      clockMs += HOUR - 1;
      expect(await addressOf(resolver)).to.equal('192.0.2.0');
      clockMs += 1;
      expect(await addressOf(resolver)).to.equal('temperror');
    });

    it('believes the DNS when it has something newer, though that be nothing', async () => {
      const resolver = caching({ serveStaleMs: HOUR });
      await addressOf(resolver);
      clockMs += 300_000;
      answer = ({ bytes }) => response(bytes, { flags: rcode(3), authorities: [soa(60, 60)] });
      expect(await addressOf(resolver)).to.equal('nxdomain');
    });

    it('tries a server that fails again after five seconds, behind the back of who asks', async () => {
      const resolver = caching({ serveStaleMs: HOUR });
      await addressOf(resolver);
      answer = fails;
      clockMs += 300_000;
      for (let n = 0; n < 5; n++) expect(await addressOf(resolver)).to.equal('192.0.2.0');
      expect(dns.asked).to.have.length(2);
      clockMs += 5000;
      answer = found(300);
      expect(await addressOf(resolver)).to.equal('192.0.2.0');
      // Who waits for a newer one is told when it is there; who asks then has it at once.
      while ((await addressOf(resolver)) !== '192.0.2.2') await new Promise(setImmediate);
      expect(dns.asked).to.have.length(3);
    });

    it('does not do so with what was never to be kept', async () => {
      const resolver = caching({ serveStaleMs: HOUR });
      await addressOf(resolver);
      clockMs += 300_000;
      answer = found(0);
      expect(await addressOf(resolver)).to.equal('192.0.2.1');
      answer = fails;
      expect(await addressOf(resolver)).to.equal('temperror');
    });

    it('lets nobody wait long for a silent server', async () => {
      const resolver = caching({ serveStaleMs: HOUR });
      await addressOf(resolver);
      answer = () => null;
      clockMs += 300_000;
      const abort = new AbortController();
      const first = resolver.a('example.org', abort.signal);
      clockMs += 1800;
      expect(await addressOf(resolver)).to.equal('192.0.2.0');
      abort.abort();
      expect(await first).to.include({ status: 'temperror' });
    });

    it('does not do so unless it is asked to', async () => {
      const resolver = caching();
      await addressOf(resolver);
      answer = fails;
      clockMs += 300_000;
      expect(await addressOf(resolver)).to.equal('temperror');
    });
  });

  it('says what a DNS would say that is asked for the first time each minute', async () => {
    const name = fc.constantFrom('a.example', 'b.example', 'c.example');
    const step = fc.oneof(
      fc.record({ do: fc.constant('wait' as const), seconds: fc.nat({ max: 90 }) }),
      fc.record({ do: fc.constant('ask' as const), name }),
      fc.record({
        do: fc.constant('say' as const),
        name,
        ttl: fc.constantFrom(0, 1, 30, 60, 61, 100),
        address: fc.option(fc.nat({ max: 255 })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        clockMs = 0;
        const said = new Map<string, { ttl: number; address: number | null }>();
        const known = new Map<string, { text: string; untilMs: number }>();
        let queries = 0;
        const before = dns.asked.length;
        answer = ({ bytes, question }) => {
          const { ttl, address } = said.get(question.split(' ')[0]!) ?? { ttl: 30, address: null };
          return address === null
            ? response(bytes, { authorities: [soa(ttl, ttl)] })
            : response(bytes, {
                answers: [record({ type: TYPES.A, ttl, value: Buffer.from([192, 0, 2, address]) })],
              });
        };
        const resolver = caching();
        for (const each of steps) {
          if (each.do === 'wait') clockMs += each.seconds * 1000;
          if (each.do === 'say') said.set(each.name, each);
          if (each.do !== 'ask') continue;
          const { ttl, address } = said.get(each.name) ?? { ttl: 30, address: null };
          const now = address === null ? 'nodata' : `192.0.2.${address}`;
          let entry = known.get(each.name);
          if (entry === undefined || clockMs >= entry.untilMs) {
            queries++;
            const seconds = ttl === 0 ? 0 : address === null ? ttl : Math.max(60, ttl);
            entry = { text: now, untilMs: clockMs + seconds * 1000 };
            known.set(each.name, entry);
          }
          expect(await addressOf(resolver, each.name)).to.equal(entry.text);
        }
        expect(dns.asked.length - before).to.equal(queries);
      }),
      { numRuns: 60 },
    );
  });

  it('a bug below is told to those who wait, and to nobody else', async () => {
    const broken = {
      a: (): Promise<Answer<string>> => Promise.reject(new Error('a bug')),
    } as unknown as Resolver;
    const resolver = new CachingResolver(oneLane(broken), { now: () => clockMs });
    const rejected = await resolver.a('example.org', NEVER).catch(String);
    expect(rejected).to.equal('Error: a bug');
  });
});
