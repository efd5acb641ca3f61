/** What is known of a DNS list at each moment, as whoever would reject by it asks: against a real name server. */

import { expect } from 'chai';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { announced } from '../../lib/lists/announced-list.ts';
import { BUNDLED_LISTS } from '../../lib/lists/known-lists.ts';
import type { ListQuery, Standing } from '../../lib/lists/list-health.ts';
import { ListKeys } from '../../lib/lists/list-keys.ts';
import { oneAnswerServer } from '../support/dns/one-answer-server.ts';
import { turns, until, type HandClock } from '../support/hand-clock.ts';
import { closesStages, list, SOUND, stage, WORLD, ZONE } from './health-stage.ts';

const POSITIVE = `2.0.0.127.${ZONE} A`;
const NEGATIVE = `1.0.0.127.${ZONE} A`;
const CANARY = /^\d+\.\d+\.(12[89]|1[3-9]\d|2\d\d)\.127\.bl\.example\.org A$/;

function query(outcome: ListQuery['outcome'], subject = '192.0.2.99'): ListQuery {
  return { outcome, ms: 20, subject };
}

/** An answer that needs no waiting. */
function atOnce(standing: Standing | Promise<Standing>): Standing {
  if (standing instanceof Promise) throw new Error('whoever asks has to wait');
  return standing;
}

describe('A DNS list', () => {
  closesStages();

  it('is tested before anybody goes by it, and is alive then', async () => {
    const { health, dns, said, clock } = await stage(SOUND);
    const since = clock.now();
    health.announce([list()]);
    expect(health.standing(ZONE, 'address')).to.be.instanceOf(Promise);
    expect(await health.standing(ZONE, 'address')).to.deep.equal({
      state: 'alive',
      sinceMs: since,
      outForMs: null,
      why: null,
      instead: null,
      proven: true,
    });
    // The answer to the usual question may be a cache's, from the first time on.
    expect(dns.queries).to.have.lengthOf(3).and.to.include.members([NEGATIVE, POSITIVE]);
    expect(dns.queries.filter((name) => CANARY.test(name))).to.have.lengthOf(1);
    expect(said()).to.deep.equal(['untested → alive']);
  });

  const states: readonly (readonly [
    what: string,
    zone: string,
    kind: 'address' | 'name',
    lines: readonly string[],
    said: string,
  ])[] = [
    ['answers NXDOMAIN to all', ZONE, 'address', [], 'blind: its test entry 127.0.0.2 is not listed'],
    [
      'refuses the resolver',
      ZONE,
      'address',
      [`2.0.0.127.${ZONE}. A 127.255.255.254`, `1.0.0.127.${ZONE}. A 127.255.255.254`],
      'blind: the list refuses this resolver (127.255.255.254)',
    ],
    [
      'lists everybody',
      ZONE,
      'address',
      WORLD,
      'lists-the-world: 127.0.0.1, which no list may have, is listed (127.0.0.2): it lists everybody',
    ],
    [
      'is parked',
      ZONE,
      'address',
      [`2.0.0.127.${ZONE}. A 203.0.113.7`, `1.0.0.127.${ZONE}. A 203.0.113.7`],
      'lists-the-world: 127.0.0.2 is answered with 203.0.113.7, outside 127.0.0.0/8: the zone is parked, or the resolver rewrites answers',
    ],
    [
      'has only its positive entry outside 127/8',
      ZONE,
      'address',
      [`2.0.0.127.${ZONE}. A 203.0.113.7`],
      'lists-the-world: 127.0.0.2 is answered with 203.0.113.7, outside 127.0.0.0/8: the zone is parked, or the resolver rewrites answers',
    ],
    [
      'is known and answers NXDOMAIN to all',
      'bl.spamcop.net',
      'address',
      [],
      'blind: its test entry 127.0.0.2 is not listed: the list answers nothing to this resolver',
    ],
    ['lists names', 'rhs.example.org', 'name', ['test.rhs.example.org. A 127.0.0.2'], 'alive'],
    [
      'lists all names',
      'rhs.example.org',
      'name',
      ['test.rhs.example.org. A 127.0.0.2', 'invalid.rhs.example.org. A 127.0.0.2'],
      'lists-the-world: invalid, which no list may have, is listed (127.0.0.2): it lists everybody',
    ],
    ['is DBL', 'dbl.spamhaus.org', 'name', ['dbltest.com.dbl.spamhaus.org. A 127.0.1.2'], 'alive'],
    ['is URIBL', 'multi.uribl.com', 'name', ['test.uribl.com.multi.uribl.com. A 127.0.0.14'], 'alive'],
    [
      'is URIBL and refuses',
      'multi.uribl.com',
      'name',
      ['test.uribl.com.multi.uribl.com. A 127.0.0.1', 'invalid.multi.uribl.com. A 127.0.0.1'],
      'blind: the list refuses this resolver (127.0.0.1)',
    ],
    ['is dnswl.org', 'list.dnswl.org', 'address', ['2.0.0.127.list.dnswl.org. A 127.0.10.0'], 'alive'],
    [
      'is dnswl.org and tells who asks too much "high trust" for everybody',
      'list.dnswl.org',
      'address',
      ['2.0.0.127.list.dnswl.org. A 127.0.10.3', '1.0.0.127.list.dnswl.org. A 127.0.10.3'],
      'blind: the list refuses this resolver (127.0.10.3)',
    ],
    [
      'is Hostkarma, which lists 127.0.0.1',
      'hostkarma.junkemailfilter.com',
      'address',
      ['1.0.0.127.hostkarma.junkemailfilter.com. A 127.0.0.1'],
      'alive',
    ],
  ];
  for (const [what, zone, kind, lines, result] of states)
    it(`that ${what} is ${result}`, async () => {
      const { health, said, tested } = await stage(lines);
      health.announce([list(zone, kind)]);
      await tested(zone, kind);
      expect(said()).to.deep.equal([`untested → ${result}`]);
    });

  it('of IPv6 is tested by nibbles', async () => {
    const nibbles = (last: string): string =>
      `${last}.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.${ZONE}`;
    const { health, dns, said, tested } = await stage([`${nibbles('2')}. A 127.0.0.2`]);
    const tests = { listed: '::ffff:7f00:2', answer: null, unlisted: '::ffff:7f00:1', canary: true };
    health.announce([{ ...list(), tests }]);
    await tested();
    expect(said()).to.deep.equal(['untested → alive']);
    expect(dns.queries).to.have.lengthOf(3);
    expect(dns.queries).to.include.members([`${nibbles('1')} A`, `${nibbles('2')} A`]);
    expect(dns.queries.every((name) => /\.[89a-f]\.f\.7\.f\.f\.f\.f\.|\.0\.0\.f\.7\.f/.test(name))).to.equal(
      true,
    );
  });

  it('is dead when two tests bring no answer, and what to do is said', async () => {
    const { health, said, tested, clock, changes } = await stage([`2.0.0.127.${ZONE}. SERVFAIL`]);
    health.announce([list()]);
    expect(await tested()).to.include({ state: 'untested', proven: false });
    expect(said()).to.deep.equal([]);
    clock.advance(2000);
    await until(() => changes.length > 0);
    expect(said()).to.deep.equal(['untested → dead: asked for its test entry 127.0.0.2: SERVFAIL']);
    expect(changes[0]!.instead).to.contain('remove the list');
    expect(atOnce(health.standing(ZONE, 'address'))).to.include({ state: 'dead', proven: false });
  });

  it('that is silent keeps nobody waiting for more than 6 s', async () => {
    const { health, clock, changes, dns, said } = await stage([`2.0.0.127.${ZONE}. SILENCE`]);
    health.announce([list()]);
    const waiting = health.standing(ZONE, 'address');
    await until(() => dns.queries.length >= 2);
    clock.advance(6000);
    expect(await waiting).to.include({ state: 'untested', proven: false });
    clock.advance(2000);
    await until(() => dns.queries.length >= 4);
    clock.advance(6000);
    await until(() => changes.length > 0);
    expect(said()[0]).to.match(/^untested → dead: .*no answer within 6000 ms$/);
  });

  it('that is out is tested again after 30 s, 1, 2, 5 and 5 minutes; one good pair brings it back', async () => {
    const { health, clock, dns, tested, said } = await stage(WORLD);
    health.announce([list()]);
    await tested();
    for (const seconds of [30, 60, 120, 300, 300]) {
      expect(clock.timers).to.deep.equal([seconds * 1000]);
      const { length } = dns.queries;
      clock.advance(seconds * 1000 - 1);
      expect(atOnce(health.standing(ZONE, 'address'))).to.include({
        state: 'lists-the-world',
        proven: false,
      });
      expect(health.snapshot()[0]!.proofAgeMs).to.equal(null);
      await turns();
      expect(dns.queries).to.have.length(length);
      const before = health.snapshot()[0]!.testedMs;
      clock.advance(1);
      await until(() => health.snapshot()[0]!.testedMs !== before);
    }
    dns.serve(SOUND);
    clock.advance(300_000);
    await until(() => said().length === 2);
    expect(said()[1]).to.equal('lists-the-world → alive');
    expect(atOnce(health.standing(ZONE, 'address')).proven).to.equal(true);
  });

  it('that has healed is believed in what it says since then, and not in what a cache still has', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    expect(health.believes(ZONE, 2100, 'address')).to.equal(true);
    expect(health.believes(ZONE, 10, 'address')).to.equal(true);
    dns.serve(WORLD);
    clock.advance(61_000);
    await health.standing(ZONE, 'address');
    expect(health.isOut(ZONE, 'address')).to.equal(true);
    dns.serve(SOUND);
    clock.advance(30_000);
    await until(() => said().length === 3);
    expect(health.isOut(ZONE, 'address')).to.equal(false);
    clock.advance(20_000);
    expect(health.believes(ZONE, 2100, 'address'), 'new').to.equal(true);
    expect(health.believes(ZONE, 2090, 'address'), '10 s old').to.equal(true);
    expect(health.believes(ZONE, 2070, 'address'), '30 s old').to.equal(false);
    expect(health.believes(ZONE, 60, 'address'), 'half an hour old').to.equal(false);
    clock.advance(3_600_000);
    expect(health.believes(ZONE, 60, 'address'), 'all that is cached is newer').to.equal(true);
  });

  it('that is out for one reason and then for another tells since when it is out at all', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    dns.serve(WORLD);
    clock.advance(61_000);
    const out = clock.now();
    expect(await health.standing(ZONE, 'address')).to.include({ sinceMs: out, outForMs: 0 });
    dns.serve([]);
    clock.advance(30_000);
    await until(() => said().length === 3);
    expect(health.standing(ZONE, 'address')).to.include({
      state: 'blind',
      sinceMs: clock.now(),
      outForMs: 30_000,
    });
    dns.serve(SOUND);
    clock.advance(60_000);
    await until(() => said().length === 4);
    expect(health.standing(ZONE, 'address')).to.include({ state: 'alive', outForMs: null });
  });

  it('that is good is tested as a pair every 15 minutes, mail or not', async () => {
    const { health, clock, dns, tested } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    for (let round = 2; round < 5; round++) {
      expect(clock.timers).to.deep.equal([900_000]);
      clock.advance(900_000);
      await until(() => dns.queries.filter((each) => each === POSITIVE).length === round);
      await until(() => clock.timers.length === 1 && clock.timers[0] !== 6000);
    }
  });

  it('is tested as a pair even if its proof is just being renewed at that moment', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let slow = false;
    const { health, clock, dns, tested } = await stage(SOUND, (own) => ({
      ...own,
      async a(...asked) {
        if (slow) await promise;
        return own.a(...asked);
      },
    }));
    health.announce([list()]);
    await tested();
    clock.advance(899_000);
    slow = true;
    health.touch(ZONE, 'address');
    clock.advance(1000);
    resolve();
    await until(() => dns.queries.length === 6);
    expect(dns.queries[3]).to.equal(NEGATIVE);
    expect(dns.queries.slice(4).toSorted()).to.deep.equal([NEGATIVE, POSITIVE]);
    await until(() => clock.timers.join() === '900000');
  });

  it('is asked for nothing while no mail comes, and once for many that come at a time', async () => {
    const { health, clock, dns, tested } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    clock.advance(70_000);
    const all = [1, 2, 3].map(async () => health.standing(ZONE, 'address'));
    for (const standing of await Promise.all(all))
      expect(standing).to.include({ state: 'alive', proven: true });
    expect(dns.queries.slice(3)).to.deep.equal([NEGATIVE]);
  });

  it('that is proven renews its proof in the background once it is older than 30 s', async () => {
    const { health, clock, dns, tested } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    clock.advance(30_000);
    health.touch(ZONE, 'address');
    expect(atOnce(health.standing(ZONE, 'address')).proven).to.equal(true);
    await turns();
    expect(dns.queries).to.have.length(3);
    clock.advance(1);
    health.touch(ZONE, 'address');
    health.touch(ZONE, 'address');
    expect(atOnce(health.standing(ZONE, 'address')).proven).to.equal(true);
    await until(() => health.snapshot()[0]!.proofAgeMs === 0);
    expect(dns.queries.slice(3)).to.deep.equal([NEGATIVE]);
  });

  it('that begins to list the world rejects for a minute at most, however little mail there is', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    dns.serve(WORLD);
    let last = 0;
    for (let seconds = 7; seconds <= 70; seconds += 7) {
      clock.advance(7000);
      if ((await health.standing(ZONE, 'address')).proven) last = seconds;
      await turns();
    }
    expect(last).to.be.lessThan(60);
    expect(said()).to.have.length(2);
    expect(said()[1]).to.contain('alive → lists-the-world');
    expect(health.snapshot()[0]!.proofAgeMs).to.equal(null);
  });

  it('that fails once stays as it is, and decides nothing once its proof is old', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    dns.serve([...SOUND, `1.0.0.127.${ZONE}. SERVFAIL`]);
    clock.advance(61_000);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: false });
    // Until the next test, nobody waits for it.
    expect(atOnce(health.standing(ZONE, 'address')).proven).to.equal(false);
    dns.serve(SOUND);
    clock.advance(2000);
    await until(() => health.snapshot()[0]!.proofAgeMs === 0);
    expect(atOnce(health.standing(ZONE, 'address')).proven).to.equal(true);
    expect(said()).to.deep.equal(['untested → alive']);
  });

  it('has no fresh proof after the machine was suspended, or its clock set back', async () => {
    const { health, clock, dns, tested } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    clock.jump(8 * 3_600_000);
    expect(health.standing(ZONE, 'address')).to.be.instanceOf(Promise);
    expect(await health.standing(ZONE, 'address')).to.include({ proven: true });
    expect(dns.queries).to.have.length(4);
    clock.advance(61_000);
    clock.jump(-3_600_000);
    expect(health.standing(ZONE, 'address')).to.be.instanceOf(Promise);
    await health.standing(ZONE, 'address');
    expect(dns.queries).to.have.length(5);
  });
});

/** What a resolver that caches makes of `own`: negative answers are kept for an hour. */
function behindCache(own: Resolver, clock: HandClock): Resolver {
  const cache = new Map<string, { readonly answer: Answer<string>; readonly until: number }>();
  return {
    ...own,
    async a(name, signal) {
      const kept = cache.get(name);
      const left = kept === undefined ? 0 : kept.until - clock.elapsed();
      if (kept !== undefined && left > 0) return { ...kept.answer, ttl: left / 1000 };
      const answer = await own.a(name, signal);
      if (answer.status === 'temperror') return answer;
      const fresh = { ...answer, ttl: 3600 };
      cache.set(name, { answer: fresh, until: clock.elapsed() + 3_600_000 });
      return fresh;
    },
  };
}

describe('A DNS list behind a resolver that caches', () => {
  closesStages();

  it('is asked for what nobody asked before, once the answer is known to be old', async () => {
    const { health, clock, dns, tested } = await stage(SOUND, behindCache);
    health.announce([list()]);
    await tested();
    for (const seconds of [40, 40, 40]) {
      clock.advance(seconds * 1000);
      health.touch(ZONE, 'address');
      await until(() => (health.snapshot()[0]!.proofAgeMs ?? 1) < 1);
    }
    const asked = dns.queries.filter((name) => name !== POSITIVE && name !== NEGATIVE);
    expect(asked).to.have.length(4);
    expect(new Set(asked).size).to.equal(4);
    for (const name of asked) expect(name).to.match(CANARY);
  });

  it('is asked so too if the cache gives its old answer a longer TTL than before', async () => {
    let ttl = 1000;
    const { health, clock, dns, tested } = await stage(SOUND, (own) => ({
      ...own,
      async a(...asked) {
        const answer = await own.a(...asked);
        return answer.status === 'temperror' ? answer : { ...answer, ttl };
      },
    }));
    health.announce([list()]);
    await tested();
    ttl = 3600;
    clock.advance(61_000);
    await health.standing(ZONE, 'address');
    expect(dns.queries.slice(3)).to.have.lengthOf(2);
    expect(dns.queries[4]).to.match(CANARY);
  });

  it('is asked so at the very first, and listing the world then decides nothing', async () => {
    const world = await oneAnswerServer('127.0.0.2');
    const mad = new NodeResolver({ servers: [world.address], timeoutMs: 5000 });
    const { health, said, tested } = await stage(SOUND, (own) => ({
      ...own,
      // A cache still has the answer of better times.
      a: async (name, signal) =>
        name.startsWith('1.0.0.127.') ? { status: 'nxdomain', ttl: 1000 } : mad.a(name, signal),
    }));
    health.announce([list()]);
    expect(await tested()).to.include({ state: 'lists-the-world', proven: false });
    world.close();
    expect(said()).to.have.lengthOf(1);
  });

  it('is found to list the world in spite of the cache', async () => {
    const world = await oneAnswerServer('127.0.0.2');
    const mad = new NodeResolver({ servers: [world.address], timeoutMs: 5000 });
    let turned = false;
    const { health, clock, tested, said } = await stage(SOUND, (own, time) =>
      behindCache({ ...own, a: (...asked) => (turned ? mad : own).a(...asked) }, time),
    );
    health.announce([list()]);
    await tested();
    turned = true;
    let last = 0;
    for (let seconds = 10; seconds <= 100; seconds += 10) {
      clock.advance(10_000);
      if ((await health.standing(ZONE, 'address')).proven) last = seconds;
      await turns();
    }
    world.close();
    expect(last).to.be.lessThan(60);
    expect(said()[1]).to.match(
      /^alive → lists-the-world: 127\.\d+\.\d+\.\d+, which no list may have, is listed/,
    );
  });

  it('is asked for no canary any more where its answers are new', async () => {
    const { health, clock, dns, tested } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    for (let i = 0; i < 4; i++) {
      clock.advance(40_000);
      health.touch(ZONE, 'address');
      await until(() => health.snapshot()[0]!.proofAgeMs === 0);
    }
    expect(new Set(dns.queries.slice(3))).to.deep.equal(new Set([NEGATIVE]));
  });

  it('of names is asked for a label below invalid', async () => {
    const { health, clock, dns, tested } = await stage(['test.rhs.example.org. A 127.0.0.2'], behindCache);
    health.announce([list('rhs.example.org', 'name')]);
    await tested('rhs.example.org', 'name');
    clock.advance(40_000);
    health.touch('rhs.example.org', 'name');
    await until(() => dns.queries.length === 4);
    expect(dns.queries[3]).to.match(/^[0-9a-f]{16}\.invalid\.rhs\.example\.org A$/);
  });

  it('whose data forbids the canary is not proven by an old answer', async () => {
    const { health, clock, dns, tested } = await stage(SOUND, behindCache);
    health.announce([{ ...list(), tests: { ...list().tests, canary: false } }]);
    await tested();
    clock.advance(61_000);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: false });
    expect(dns.queries).to.have.length(2);
  });
});

describe('What a DNS list answers to mail', () => {
  closesStages();

  it('starts a test at once if it lies outside 127/8, but not more often than every 5 s', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    dns.serve(WORLD);
    health.saw(ZONE, query('outside_127'), 'address');
    // It says nothing by itself.
    expect(atOnce(health.standing(ZONE, 'address'))).to.include({ state: 'alive', proven: true });
    await until(() => said().length === 2);
    dns.serve(SOUND);
    clock.advance(30_000);
    await until(() => said().length === 3);
    const { length } = dns.queries;
    for (let i = 0; i < 10; i++) {
      health.saw(ZONE, query('outside_127'), 'address');
      await turns();
    }
    await until(() => dns.queries.length === length + 2);
    clock.advance(4999);
    health.saw(ZONE, query('outside_127'), 'address');
    await turns();
    expect(dns.queries).to.have.length(length + 2);
    clock.advance(1);
    health.saw(ZONE, query('outside_127'), 'address');
    await until(() => dns.queries.length === length + 4);
  });

  it('starts a test if far more is listed than ever, so that the world is noticed before the minute is over', async () => {
    const { health, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    for (let i = 0; i < 300; i++)
      health.saw(ZONE, query(i % 20 === 0 ? 'listed' : 'not_listed', `192.0.2.${i}`), 'address');
    await turns();
    expect(dns.queries).to.have.length(3);
    dns.serve(WORLD);
    for (let i = 0; i < 20; i++) health.saw(ZONE, query('listed', `198.51.100.${i}`), 'address');
    await until(() => said().length === 2);
    expect(said()[1]).to.contain('alive → lists-the-world');
  });

  it('disarms no good list, however many listed clients come', async () => {
    const { health, clock, dns, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    for (let i = 0; i < 400; i++) health.saw(ZONE, query('not_listed', `192.0.2.${i}`), 'address');
    for (let second = 0; second < 120; second++) {
      for (let i = 0; i < 200; i++) health.saw(ZONE, query('listed', `198.51.100.${i}`), 'address');
      expect(atOnce(health.standing(ZONE, 'address')), `after ${second} s`).to.include({
        state: 'alive',
        proven: true,
      });
      clock.advance(1000);
      await turns(5);
      await until(() => health.snapshot()[0]!.proofAgeMs! < 40_000);
    }
    expect(said()).to.deep.equal(['untested → alive']);
    // A pair every 5 s at most.
    expect(dns.queries.length).to.be.lessThan(2 + 2 * 25);
  });
});

describe('The DNS lists of a configuration', () => {
  closesStages();

  it('keep state and figures over a reload; new ones are tested, others only if somebody still asks', async () => {
    const { health, clock, dns, tested, changes } = await stage([
      ...SOUND,
      '2.0.0.127.new.example.org. A 127.0.0.2',
      '2.0.0.127.old.example.org. A 127.0.0.2',
    ]);
    health.announce([list(), list('old.example.org')]);
    await tested();
    health.saw(ZONE, query('listed'), 'address');
    clock.advance(5000);
    const { length } = dns.queries;
    health.announce([list('new.example.org'), { ...list(), alias: 'ours' }]);
    await tested('new.example.org');
    expect(dns.queries.slice(length).every((name) => name.includes('new.example.org'))).to.equal(true);
    expect(health.snapshot().map(({ list: alias, state, queries }) => [alias, state, queries])).to.deep.equal(
      [
        ['new.example.org', 'alive', 0],
        ['ours', 'alive', 1],
      ],
    );
    expect(changes.map((change) => change.list)).to.have.members([
      ZONE,
      'old.example.org',
      'new.example.org',
    ]);
    // A session that began before the reload goes on as it did.
    expect(atOnce(health.standing('old.example.org', 'address'))).to.include({
      state: 'alive',
      proven: true,
    });
    clock.advance(61_000);
    expect(await health.standing('old.example.org', 'address')).to.include({ state: 'alive', proven: true });
    clock.advance(3_600_000);
    await turns();
    expect(dns.queries.filter((name) => name.includes('old.example.org'))).to.have.lengthOf(4);
    expect(health.standing('never.example.org', 'address')).to.include({ state: 'untested', proven: false });
  });

  it('without their key are out, and say so without asking', async () => {
    const { health, dns, said } = await stage(SOUND);
    const missing = { missing: 'there is no file /etc/postern/spamhaus.key', instead: 'write it' };
    const keys = new ListKeys(new Map([['dqs', missing]]));
    const zone = '${dqs}.zen.dq.spamhaus.net';
    health.announce([announced({ zone, alias: 'zen.dq.spamhaus.net' }, 'address', BUNDLED_LISTS, keys)]);
    expect(atOnce(health.standing(zone, 'address'))).to.include({ state: 'no-key', proven: false });
    health.touch(zone, 'address');
    await turns();
    expect(said()).to.deep.equal(['untested → no-key: there is no file /etc/postern/spamhaus.key']);
    expect(dns.queries).to.deep.equal([]);
  });

  it('are tested no more after the end, and whoever waits is answered', async () => {
    const { health, clock, dns } = await stage([`2.0.0.127.${ZONE}. SILENCE`]);
    health.announce([list()]);
    const waiting = health.standing(ZONE, 'address');
    await until(() => dns.queries.length >= 2);
    health.close();
    expect(await waiting).to.include({ state: 'untested', proven: false });
    expect(clock.timers).to.deep.equal([]);
  });
});
