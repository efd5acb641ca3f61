/**
 * Real lists that go mad, die and heal while mail flows: rbldnsd's zones are changed under sessions that go through the
 * gate all the time.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { CachingResolver, oneLane } from '../../lib/dns/caching-resolver.ts';
import type { Resolver } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { announced } from '../../lib/lists/announced-list.ts';
import type { Clock } from '../../lib/lists/clock.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import type { ListChange, ListState } from '../../lib/lists/list-health.ts';
import { ListsInUse } from '../../lib/lists/lists-in-use.ts';
import { NO_KEYS } from '../../lib/lists/list-keys.ts';
import { ProbedHealth } from '../../lib/lists/probed-health.ts';
import { CountingResolver } from '../support/counting-resolver.ts';
import { requiresServers } from '../support/dns/real-server.ts';
import { Rbldnsd, TEST_POINTS, THE_WORLD, type ListZone } from '../support/dns/rbldnsd.ts';
import { Unbound } from '../support/dns/unbound.ts';
import { FastClock } from '../support/fast-clock.ts';
import { HandClock } from '../support/hand-clock.ts';
import { Traffic } from '../support/traffic.ts';

/** Seconds: what lists say of a client is kept so long. */
const TTL = '$TTL 60';
const SANE: ListZone = { ip4set: [TTL, ':127.0.0.2:', ...TEST_POINTS.ip4set, '192.0.2.0/24'] };
const MAD: ListZone = { ip4set: [TTL, ':127.0.0.2:', ...THE_WORLD] };
/** As long as rbldnsd has it by itself, 35 minutes. */
const MAD_FOR_LONG: ListZone = { ip4set: [':127.0.0.2:', ...THE_WORLD] };
const EMPTY: ListZone = { ip4set: [TTL, ':127.0.0.2:'] };
const KIND: ListZone = { ip4set: [TTL, ':127.0.0.2:', ...TEST_POINTS.ip4set, '192.0.2.128/25'] };

const BLACK = 'reject_rbl_client bl.example=127.0.0.2';
const WHITE = 'permit_dnswl_client wl.example=127.0.0.2';

const BLOCKED = '554 5.7.1 Service unavailable; Client host [';
const MINUTE_MS = 60_000;

interface Heard {
  readonly atMs: number;
  readonly client: string;
  /** Null: let in. */
  readonly reply: string | null;
}

function refused(heard: readonly Heard[]): Heard[] {
  return heard.filter(({ reply }) => reply !== null);
}

/** What is wrong with sessions while bl.example is sane: it lists 192.0.2.0/24. */
function injustice(heard: readonly Heard[]): Heard[] {
  return heard.filter(
    ({ client, reply }) => client.startsWith('192.0.2.') !== (reply?.startsWith(BLOCKED) ?? false),
  );
}

/** The gate with a policy, a list's health and one clock for both. */
class Site {
  readonly changes: ListChange[] = [];
  readonly #health: ProbedHealth;
  readonly #traffic: Traffic;
  readonly #clock: Clock;
  #clients = 0;

  constructor(policy: readonly string[], resolver: Resolver, clock: Clock) {
    this.#clock = clock;
    this.#health = new ProbedHealth({
      resolver,
      clock,
      onChange: (change) => this.changes.push(change),
      spread: () => 1,
    });
    this.#health.announce(
      ['bl.example', 'wl.example'].map((zone) =>
        announced({ zone, alias: zone }, 'address', BUNDLED_LISTS, NO_KEYS),
      ),
    );
    this.#traffic = new Traffic({
      config: `local_domains: [example.org]\npolicy: ${JSON.stringify(policy)}\n`,
      resolver: new CachingResolver(oneLane(resolver), { now: () => clock.elapsed() }),
      lists: new ListsInUse(this.#health, () => clock.elapsed()),
      now: () => clock.now(),
    });
  }

  async visits(...clients: string[]): Promise<Heard[]> {
    const atMs = this.#clock.elapsed();
    const replies = await Promise.all(clients.map((client) => this.#traffic.visit(client)));
    return replies.map((reply, i) => ({ atMs, client: clients[i]!, reply }));
  }

  /** One that bl.example lists while it is sane, and one of `network` that it does not, such as `198.51.100`. */
  async visited(network: string): Promise<Heard[]> {
    const n = this.#clients++ % 256;
    return this.visits(`192.0.2.${n}`, `${network}.${n}`);
  }

  statesOf(name: string): ListState[] {
    return this.changes.filter(({ list }) => list === name).map(({ to }) => to);
  }

  close(): void {
    this.#health.close();
  }
}

describe('A DNS list, while mail flows,', function () {
  this.timeout(60_000);
  let clock: HandClock;
  let rbldnsd: Rbldnsd;
  let asking: CountingResolver;
  let site: Site;

  beforeEach(async function () {
    requiresServers(this, ['rbldnsd']);
    clock = new HandClock();
    rbldnsd = await Rbldnsd.start({ 'bl.example': SANE, 'wl.example': KIND });
    asking = new CountingResolver(
      new StubResolver({ servers: [rbldnsd.address], timeoutMs: 300, now: () => clock.elapsed() }),
    );
  });
  afterEach(async () => {
    site?.close();
    await rbldnsd?.close();
  });

  async function opens(...policy: string[]): Promise<void> {
    site = new Site(policy, asking, clock);
    await asking.quiet();
  }

  /** Somebody comes every so many seconds. */
  async function flows(seconds: number, every = 1, network = '198.51.100'): Promise<Heard[]> {
    const heard: Heard[] = [];
    for (let second = 0; second < seconds; second += every) {
      clock.advance(every * 1000);
      await asking.quiet();
      heard.push(...(await site.visited(network)));
    }
    return heard;
  }

  it('that starts to list the world refuses nobody after a minute, and is believed again when it has healed', async () => {
    await opens(BLACK);
    expect(injustice(await flows(40))).to.deep.equal([]);
    await rbldnsd.serve('bl.example', MAD);
    const since = clock.elapsed();
    const heard = await flows(180);
    expect(injustice(heard.filter(({ atMs }) => atMs - since < 10_000))).not.to.deep.equal([]);
    expect(refused(heard).filter(({ atMs }) => atMs - since >= MINUTE_MS)).to.deep.equal([]);
    expect(heard.filter(({ reply }) => reply?.startsWith('4'))).to.deep.equal([]);
    await rbldnsd.serve('bl.example', SANE);
    await flows(700, 10);
    expect(injustice(await flows(20, 1, '203.0.113'))).to.deep.equal([]);
    expect(site.statesOf('bl.example')).to.deep.equal(['alive', 'lists-the-world', 'alive']);
  });

  it('that was mad never refuses afterwards whom it listed then, though caches remember it', async () => {
    await opens(BLACK);
    await flows(40);
    await rbldnsd.serve('bl.example', MAD_FOR_LONG);
    const met = refused(await flows(120)).map(({ client }) => client);
    const innocent = met.filter((client) => !client.startsWith('192.0.2.'));
    expect(innocent).not.to.deep.equal([]);
    await rbldnsd.serve('bl.example', SANE);
    const wronged: Heard[] = [];
    for (let minute = 0; minute < 45; minute++) {
      await flows(60, 60, '203.0.113');
      wronged.push(...refused(await site.visits(...innocent)));
    }
    expect(site.statesOf('bl.example').at(-1)).to.equal('alive');
    expect(wronged).to.deep.equal([]);
  });

  it('refuses nobody where mail comes so seldom that the madness is first met by a client', async () => {
    await opens(BLACK);
    for (let time = 0; time < 3; time++) {
      await rbldnsd.serve('bl.example', MAD);
      expect(refused(await flows(601, 601, `203.0.113`))).to.deep.equal([]);
      await rbldnsd.serve('bl.example', SANE);
      await flows(1000, 200);
      expect(injustice(await flows(2))).to.deep.equal([]);
    }
  });

  for (const [end, stop, go] of [
    ['is killed', () => rbldnsd.kill(), () => rbldnsd.startAgain()],
    ['falls silent', async () => rbldnsd.fallSilent(), async () => rbldnsd.speak()],
  ] as const)
    it(`that ${end} refuses nobody and delays nobody, and refuses again when it is back`, async () => {
      await opens(BLACK);
      expect(injustice(await flows(10))).to.deep.equal([]);
      await stop();
      expect(refused(await flows(60, 15))).to.deep.equal([]);
      expect(site.statesOf('bl.example')).to.deep.equal(['alive', 'dead']);
      await go();
      await flows(301, 50);
      expect(injustice(await flows(10))).to.deep.equal([]);
      expect(site.statesOf('bl.example')).to.deep.equal(['alive', 'dead', 'alive']);
    });

  it('that is emptied is found blind, and is believed again when it is filled', async () => {
    await opens(BLACK);
    expect(injustice(await flows(10))).to.deep.equal([]);
    await rbldnsd.serve('bl.example', EMPTY);
    await flows(1000, 50);
    expect(site.statesOf('bl.example')).to.deep.equal(['alive', 'blind']);
    await rbldnsd.serve('bl.example', SANE);
    await flows(301, 50);
    expect(injustice(await flows(10))).to.deep.equal([]);
  });

  it('that a flood of listed clients meets goes on refusing them', async () => {
    await opens(BLACK);
    expect(injustice(await flows(10))).to.deep.equal([]);
    for (let second = 0; second < 90; second++) {
      clock.advance(1000);
      const flood = Array.from({ length: 20 }, (_, n) => `192.0.2.${(second * 20 + n) % 256}`);
      expect(injustice(await site.visits(...flood))).to.deep.equal([]);
      await asking.quiet();
    }
    expect(injustice(await flows(10))).to.deep.equal([]);
    expect(site.statesOf('bl.example')).to.deep.equal(['alive']);
  });

  it('that would permit puts off whom another one lists, while it can not be believed', async () => {
    await opens(WHITE, BLACK);
    const heard = async (client: string): Promise<string> => `${(await site.visits(client))[0]!.reply}`;
    expect(await heard('192.0.2.200')).to.equal('null');
    expect(await heard('192.0.2.1')).to.match(/^554 /);
    await rbldnsd.serve('wl.example', MAD);
    await flows(70, 1);
    expect(await heard('192.0.2.2')).to.match(
      /^450 4\.7\.1 <192\.0\.2\.2>: Client host rejected: Service unavailable/,
    );
    expect(await heard('198.51.100.1')).to.equal('null');
    await rbldnsd.serve('wl.example', KIND);
    await flows(301, 50);
    expect(await heard('192.0.2.201')).to.equal('null');
    expect(await heard('192.0.2.101')).to.match(/^554 /);
  });
});

/** unbound has a clock of its own, and keeps what was not listed: time runs ten times as fast for Postern. */
const TIMES = 10;
/** Of a TTL; unbound tells it in whole seconds. */
const STEP_MS = 1000 * TIMES;

describe('A DNS list behind unbound, while mail flows,', function () {
  this.timeout(60_000);
  let clock: FastClock;
  let rbldnsd: Rbldnsd;
  let unbound: Unbound;
  let site: Site;

  beforeEach(async function () {
    requiresServers(this, ['rbldnsd', 'unbound']);
    // What is not listed is kept for five minutes.
    rbldnsd = await Rbldnsd.start({ 'bl.example': SANE, 'wl.example': KIND }, {}, 300 / TIMES);
    unbound = await Unbound.start({
      upstream: [{ zones: rbldnsd.zones, port: rbldnsd.port }],
      // It does not wait for a quarter of an hour until it asks a server again that was dead.
      lines: ['infra-host-ttl: 1', 'infra-keep-probing: yes'],
    });
    clock = new FastClock(TIMES);
    const dns = new StubResolver({ servers: [unbound.address], timeoutMs: 1000, now: () => clock.elapsed() });
    site = new Site([BLACK], clock.resolver(dns), clock);
  });
  afterEach(async () => {
    site?.close();
    await unbound?.close();
    await rbldnsd?.close();
  });

  /** One after the other, as fast as they come. */
  async function flows(seconds: number): Promise<Heard[]> {
    const heard: Heard[] = [];
    const since = clock.elapsed();
    while (clock.elapsed() - since < seconds * 1000) {
      heard.push(...(await site.visited('198.51.100')));
      // What is remembered is answered without a turn of the event loop, which no socket would survive.
      await turn();
    }
    return heard;
  }

  it('that starts to list the world refuses nobody after a minute, though unbound says that all is well', async () => {
    expect(injustice(await flows(20))).to.deep.equal([]);
    await rbldnsd.serve('bl.example', MAD);
    const since = clock.elapsed();
    const heard = await flows(80);
    expect(refused(heard).filter(({ atMs }) => atMs - since >= MINUTE_MS + STEP_MS)).to.deep.equal([]);
    expect(site.statesOf('bl.example')).to.deep.equal(['alive', 'lists-the-world']);
  });

  it('that is killed refuses nobody whom unbound has not kept, and refuses again when it is back', async () => {
    expect(injustice(await flows(10))).to.deep.equal([]);
    await rbldnsd.kill();
    expect(refused(await site.visits('203.0.113.1', '203.0.113.2'))).to.deep.equal([]);
    await rbldnsd.startAgain();
    await flows(20);
    expect(injustice(await site.visits('192.0.2.254', '203.0.113.254'))).to.deep.equal([]);
  });
});
