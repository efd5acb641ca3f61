/** When it is said that no DNS server answers: not for one dead domain, soon for a dead server, and once. */

import { expect } from 'chai';
import { noCounts } from '../../lib/dns/dns-counts.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { Silence } from '../../lib/dns/silence.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { HandClock, turns, until } from '../support/hand-clock.ts';

const ZONE = ['example.net. A 192.0.2.10', 'broken.example SERVFAIL', 'dead.example SILENCE'];

describe('Silence of the DNS', () => {
  const closing: DnsServer[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((server) => server.close()));
  });

  interface Stage {
    readonly clock: HandClock;
    readonly told: string[];
    readonly probed: () => number;
    readonly asks: (name: string) => Promise<string>;
  }

  function listening(make: (counts: ReturnType<typeof noCounts>) => Resolver): Stage {
    const clock = new HandClock();
    const counts = noCounts();
    const told: string[] = [];
    const resolver = make(counts);
    let probes = 0;
    const silence = new Silence({
      ...{ counts, now: () => clock.elapsed() },
      after: (ms, run) => clock.after(ms, run),
      probe: () => resolver.a('localhost', NEVER).finally(() => probes++),
      onChange: (change) => told.push(change.silent ? `silent: ${change.why}` : 'answers'),
    });
    const watched = silence.watch(resolver);
    const asks = async (name: string): Promise<string> => (await watched.a(name, NEVER)).status;
    return { clock, told, asks, probed: () => probes };
  }

  async function serving(port = 0): Promise<DnsServer> {
    const server = await DnsServer.start(ZONE, port);
    closing.push(server);
    return server;
  }

  const kinds: readonly (readonly [
    string,
    (address: string) => (counts: ReturnType<typeof noCounts>) => Resolver,
  ])[] = [
    [
      'our own',
      (address) => (counts) =>
        new StubResolver({ servers: [address], timeoutMs: 60, now: () => 0, counts, restMs: 0 }),
    ],
    ["Node's", (address) => (counts) => new NodeResolver({ servers: [address], timeoutMs: 60, counts })],
  ];
  for (const [kind, make] of kinds)
    describe(`by ${kind} resolver`, () => {
      it('is told once, 10 s after the first question that got no answer, and that it is over', async () => {
        const server = await serving();
        const { clock, told, asks } = listening(make(server.address));
        expect(await asks('example.net')).to.equal('found');
        await server.close();
        closing.length = 0;
        expect(await asks('example.net')).to.equal('temperror');
        expect(await asks('example.net')).to.equal('temperror');
        clock.advance(9_999);
        await turns();
        expect(told).to.deep.equal([]);
        clock.advance(1);
        await until(() => told.length > 0);
        expect(told[0]).to.match(/^silent: no (?:answer within 60 ms|DNS server listens)/);
        await asks('example.net');
        clock.advance(100_000);
        expect(told).to.have.length(1);
        await serving(Number(server.address.split(':')[1]));
        for (let tries = 0; (await asks('example.net')) !== 'found' && tries < 20; tries++);
        expect(told.slice(1)).to.deep.equal(['answers']);
      });

      it('is no matter of a domain whose servers are away or broken', async () => {
        const { clock, told, asks, probed } = listening(make((await serving()).address));
        expect(await asks('broken.example')).to.equal('temperror');
        expect(clock.timers).to.deep.equal([]);
        expect(await asks('dead.example')).to.equal('temperror');
        clock.advance(10_000);
        await until(() => probed() === 1);
        await turns();
        expect(told).to.deep.equal([]);
      });
    });

  it('is told no more than once a minute', async () => {
    let heard = false;
    const { clock, told, asks } = listening((counts) => {
      const a = (): Promise<{ status: 'temperror'; why: string }> => {
        if (heard) counts.answers++;
        return Promise.resolve({ status: 'temperror', why: heard ? 'SERVFAIL' : 'no answer' });
      };
      return { a, aaaa: a, mx: a, ptr: a, txt: a };
    });
    const fails = async (): Promise<void> => {
      heard = false;
      await asks('example.net');
      clock.advance(10_000);
      await turns();
    };
    await fails();
    heard = true;
    await asks('example.net');
    await fails();
    expect(told).to.deep.equal(['silent: no answer', 'answers']);
    clock.advance(50_000);
    await turns();
    expect(told).to.deep.equal(['silent: no answer', 'answers', 'silent: no answer']);
  });
});
