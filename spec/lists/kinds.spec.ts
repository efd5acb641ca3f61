/** A list that is sane for what it is asked about mostly, and mad for the rest: IPv6, or names. */

import { expect } from 'chai';
import { turns, until } from '../support/hand-clock.ts';
import { closesStages, list, SOUND, stage, ZONE, type Stage } from './health-stage.ts';

const nibbles = (last: string): string => `${last}.0.0.0.0.0.f.7.f.f.f.f.${'0.'.repeat(20)}${ZONE}`;

const POSITIVE = `${nibbles('2')} A`;
const NEGATIVE = `${nibbles('1')} A`;
const MAD_IN_IPV6 = [...SOUND, `${nibbles('1')}. A 127.0.0.2`];

/** What was asked by nibbles. */
function overIpv6({ dns }: Stage): string[] {
  return dns.queries.filter((name) => name.length > 64);
}

const rows = ({ health }: Stage): unknown[] => health.snapshot().map(({ kind, state }) => [kind, state]);

describe('A DNS list that an IPv6 client is judged by', () => {
  closesStages();

  it('is tested by nibbles when there is such a client, and not before', async () => {
    const scene = await stage([...SOUND, `${nibbles('2')}. A 127.0.0.2`]);
    const { health, tested, clock } = scene;
    health.announce([list()]);
    await tested();
    clock.advance(900_000);
    await turns();
    expect(overIpv6(scene)).to.deep.equal([]);
    expect(rows(scene)).to.deep.equal([['address', 'alive']]);
    expect(await health.standing(ZONE, 'ipv6')).to.include({ state: 'alive', proven: true });
    expect(overIpv6(scene)).to.have.lengthOf(3).and.to.include.members([POSITIVE, NEGATIVE]);
    expect(overIpv6(scene).some((name) => /^([\da-f]\.){5}[89a-f]\.f\.7\.f\.f\.f\.f\./.test(name))).to.equal(
      true,
    );
    expect(rows(scene)).to.deep.equal([
      ['address', 'alive'],
      ['ipv6', 'alive'],
    ]);
  });

  it('is tested before anything is decided, when his is the first visit of all', async () => {
    const { health } = await stage(SOUND);
    health.announce([list()]);
    expect(await health.standing(ZONE, 'ipv6')).to.include({ state: 'alive', proven: true });
  });

  it('needs no test entry of IPv6, which many do not have', async () => {
    const { health, tested, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    expect(await health.standing(ZONE, 'ipv6')).to.include({ state: 'alive', proven: true });
    expect(said()).to.deep.equal(['untested → alive', 'untested → alive']);
  });

  it('decides nothing of him if it lists all of IPv6, and goes on deciding of others', async () => {
    const scene = await stage(MAD_IN_IPV6);
    const { health, tested, changes } = scene;
    health.announce([list()]);
    await tested();
    expect(await health.standing(ZONE, 'ipv6')).to.include({ state: 'lists-the-world', proven: false });
    expect(health.isOut(ZONE, 'ipv6')).to.equal(true);
    expect(health.isOut(ZONE, 'address')).to.equal(false);
    expect(health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    expect(changes.at(-1)).to.include({ list: ZONE, about: 'ipv6', to: 'lists-the-world' });
    expect(changes.at(-1)!.why).to.match(/^::ffff:7f[0-9a-f:]+, which no list may have, is listed/);
  });

  it('is out for him while it is out at all', async () => {
    const scene = await stage([]);
    const { health, tested } = scene;
    health.announce([list()]);
    await tested();
    expect(health.standing(ZONE, 'ipv6')).to.include({ state: 'blind', proven: false });
    expect(health.isOut(ZONE, 'ipv6')).to.equal(true);
    health.touch(ZONE, 'ipv6');
    await turns();
    expect(overIpv6(scene)).to.deep.equal([]);
  });

  it('is not believed in what it said of him while it listed the world', async () => {
    const { health, tested, dns, clock, said } = await stage(MAD_IN_IPV6);
    health.announce([list()]);
    await tested();
    await health.standing(ZONE, 'ipv6');
    expect(health.believes(ZONE, 3600, 'ipv6')).to.equal(false);
    dns.serve(SOUND);
    clock.advance(30_000);
    await until(() => said().length === 3);
    clock.advance(10_000);
    expect(health.believes(ZONE, 3580, 'ipv6')).to.equal(false);
    expect(health.believes(ZONE, 3595, 'ipv6')).to.equal(true);
    expect(health.believes(ZONE, 60, 'address')).to.equal(true);
  });

  it('whose data know of nothing that nobody may list is tested by what nobody has asked before', async () => {
    const zone = 'hostkarma.junkemailfilter.com';
    const { health, dns, tested } = await stage([`1.0.0.127.${zone}. A 127.0.0.1`]);
    health.announce([list(zone)]);
    await tested(zone);
    const { length } = dns.queries;
    expect(await health.standing(zone, 'ipv6')).to.include({ state: 'alive', proven: true });
    expect(dns.queries.slice(length)).to.have.lengthOf(1);
    expect(dns.queries[length]).to.match(/^([\da-f]\.){5}[89a-f]\.f\.7\.f\.f\.f\.f\.(0\.){20}hostkarma/);
  });

  it('keeps its proof over a reload, and is tested no more when the list is dropped', async () => {
    const scene = await stage(SOUND);
    const { health, tested, clock } = scene;
    health.announce([list()]);
    await tested();
    await health.standing(ZONE, 'ipv6');
    const { length } = overIpv6(scene);
    health.announce([list(), list('other.example.org')]);
    expect(health.standing(ZONE, 'ipv6')).to.include({ state: 'alive', proven: true });
    health.announce([list('other.example.org')]);
    clock.advance(3_600_000);
    await turns();
    expect(overIpv6(scene)).to.have.lengthOf(length);
  });
});

describe('A zone that is asked for addresses and for names', () => {
  closesStages();

  const ALL_NAMES = [...SOUND, `test.${ZONE}. A 127.0.0.2`, `invalid.${ZONE}. A 127.0.0.2`];

  it('is proven for each by itself', async () => {
    const scene = await stage(ALL_NAMES);
    const { health, tested, dns, changes } = scene;
    health.announce([list(), list(ZONE, 'name')]);
    await tested();
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    expect(await health.standing(ZONE, 'name')).to.include({ state: 'lists-the-world', proven: false });
    expect(dns.queries).to.include.members([`test.${ZONE} A`, `invalid.${ZONE} A`, `2.0.0.127.${ZONE} A`]);
    expect(rows(scene)).to.deep.equal([
      ['address', 'alive'],
      ['name', 'lists-the-world'],
    ]);
    expect(changes.map(({ about, to }) => `${about} ${to}`)).to.have.members([
      'address alive',
      'name lists-the-world',
    ]);
  });

  it('has figures for each', async () => {
    const { health, tested } = await stage(ALL_NAMES);
    health.announce([list(), list(ZONE, 'name')]);
    await tested();
    health.saw(ZONE, { outcome: 'listed', ms: 1, subject: 'example.net' }, 'name');
    expect(health.snapshot().map(({ kind, hits }) => [kind, hits])).to.deep.equal([
      ['address', 0],
      ['name', 1],
    ]);
  });

  it('that we know as a list of addresses must not list names either', async () => {
    const zone = 'zen.spamhaus.org';
    const { health } = await stage([`2.0.0.127.${zone}. A 127.0.0.2`, `invalid.${zone}. A 127.0.0.2`]);
    health.announce([list(zone), list(zone, 'name')]);
    expect(await health.standing(zone, 'address')).to.include({ state: 'alive', proven: true });
    expect(await health.standing(zone, 'name')).to.include({ state: 'lists-the-world', proven: false });
  });
});
