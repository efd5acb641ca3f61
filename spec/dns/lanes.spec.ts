/** Lanes: names that clients make up keep nobody waiting but each other, and are never many that nobody waits for. */

import { expect } from 'chai';
import { CachingResolver, type Lanes } from '../../lib/dns/caching-resolver.ts';
import { CODEC } from '../../lib/dns/codec.ts';
import { noCounts } from '../../lib/dns/dns-counts.ts';
import { A } from '../../lib/dns/record-type.ts';
import type { Answer } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { UdpSocket } from '../../lib/dns/udp-socket.ts';
import { a, response } from '../support/dns/bytes.ts';
import { HostileServer, type Asked } from '../support/dns/hostile-server.ts';

const NEVER = new AbortController().signal;
const HOUR = 3_600_000;

describe('The lanes to the DNS', () => {
  let dns: HostileServer;
  let all: AbortController;
  beforeEach(() => (all = new AbortController()));
  afterEach(async () => {
    all.abort();
    await dns.close();
  });

  /** Of each question the first query; those of names that are not `made-up` are answered with 192.0.2.1. */
  let held: Map<string, Asked>;
  async function lanes(timeoutMs = HOUR): Promise<CachingResolver> {
    held = new Map();
    dns = await HostileServer.start((asked) => {
      if (!held.has(asked.question)) held.set(asked.question, asked);
      return asked.question.includes('made-up') ? null : found(asked, 1);
    });
    const lane = (): StubResolver => new StubResolver({ servers: [dns.address], timeoutMs, now: () => 0 });
    const each: Lanes = { names: lane(), lists: lane(), tests: lane() };
    return new CachingResolver(each, { now: () => 0 });
  }

  function found({ bytes }: Asked, last: number): Buffer {
    return response(bytes, { answers: [a(192, 0, 2, last)] });
  }

  async function asked(count: number): Promise<void> {
    while (held.size < count) await new Promise(setImmediate);
  }

  const address = (answer: Answer<string>): string =>
    answer.status === 'found' ? answer.records.join() : answer.status;

  it('leave lists and their tests alone, however many names are asked for', async function () {
    this.timeout(10_000);
    const resolver = await lanes();
    const names = Array.from({ length: 10_000 }, (_, n) => resolver.a(`made-up${n}.example`, all.signal));
    expect(await resolver.a('one-too-many.example', NEVER)).to.include({ status: 'temperror' });
    expect(address(await resolver.lists.a('2.0.0.127.l.example', NEVER))).to.equal('192.0.2.1');
    expect(address(await resolver.tests.a('1.0.0.127.l.example', NEVER))).to.equal('192.0.2.1');
    all.abort();
    await Promise.all(names);
  });

  it('share what they remember', async () => {
    const resolver = await lanes();
    await resolver.a('example.org', NEVER);
    await resolver.lists.a('example.org', NEVER);
    expect(dns.asked).to.have.length(1);
  });

  it('do not wait for the same query: a client may have made up the name that a list is asked for', async () => {
    const resolver = await lanes();
    const name = resolver.a('made-up.l.example', all.signal);
    await asked(1);
    const list = resolver.lists.a('made-up.l.example', NEVER);
    while (dns.asked.every(({ port }) => port === dns.asked[0]!.port)) await new Promise(setImmediate);
    const other = dns.asked.find(({ port }) => port !== dns.asked[0]!.port)!;
    other.send(found(other, 7));
    expect(address(await list)).to.equal('192.0.2.7');
    all.abort();
    await name;
  });

  it('go on with a hundred lookups that nobody waits for, and give up the oldest', async () => {
    const resolver = await lanes();
    const first = resolver.a('made-up-first.example', all.signal);
    await asked(1);
    const others = Array.from({ length: 100 }, (_, n) => resolver.a(`made-up${n}.example`, all.signal));
    all.abort();
    await Promise.all([first, ...others]);
    // What is asked for again joins the lookup under way, or begins another.
    const again = resolver.a('made-up0.example', NEVER);
    const firstAgain = resolver.a('made-up-first.example', NEVER);
    const before = dns.asked.length;
    while (!dns.asked.slice(before).some(({ question }) => question === 'made-up-first.example A'))
      await new Promise(setImmediate);
    const anew = dns.asked.findLast(({ question }) => question === 'made-up-first.example A')!;
    expect(anew.bytes.readUInt16BE(0)).not.to.equal(held.get(anew.question)!.bytes.readUInt16BE(0));
    held.get(anew.question)!.send(found(held.get(anew.question)!, 66));
    anew.send(found(anew, 2));
    expect(address(await firstAgain)).to.equal('192.0.2.2');
    await asked(2);
    const joined = held.get('made-up0.example A')!;
    joined.send(found(joined, 3));
    expect(address(await again)).to.equal('192.0.2.3');
  });

  it('do not give up what somebody waits for again', async () => {
    const resolver = await lanes();
    const gone = new AbortController();
    const first = resolver.a('made-up-first.example', gone.signal);
    await asked(1);
    gone.abort();
    await first;
    const again = resolver.a('made-up-first.example', NEVER);
    const others = Array.from({ length: 101 }, (_, n) => resolver.a(`made-up${n}.example`, all.signal));
    all.abort();
    await Promise.all(others);
    const query = held.get('made-up-first.example A')!;
    query.send(found(query, 4));
    expect(address(await again)).to.equal('192.0.2.4');
  });

  it('know that a server has read what was sent before a query that it answers', async () => {
    const queries: Asked[] = [];
    dns = await HostileServer.start((asked) => {
      queries.push(asked);
      return asked.question === 'h3.example A' ? found(asked, 1) : null;
    });
    const socket = new UdpSocket({ host: '127.0.0.1', port: dns.port }, CODEC, noCounts());
    const read: number[] = [];
    await new Promise<void>((answered) => {
      for (let n = 0; n < 6; n++)
        socket.ask(
          { name: `h${n}.example`, type: A },
          true,
          () => answered(),
          () => read.push(n),
        );
    });
    expect(read).to.deep.equal([0, 1, 2, 3]);
    socket.retire();
  });
});
