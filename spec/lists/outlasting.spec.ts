/** What is known of a DNS list outlasts reloads, sessions of older policies and a clock that is set. */

import { expect } from 'chai';
import { turns, until } from '../support/hand-clock.ts';
import { closesStages, list, SOUND, stage, WORLD, ZONE, type Stage } from './health-stage.ts';

const OTHER = 'other.example.org';

/** It lists the world for half a minute, and heals. */
async function healed(): Promise<Stage> {
  const scene = await stage(SOUND);
  const { health, tested, dns, clock, said } = scene;
  health.announce([list()]);
  await tested();
  expect(health.believes(ZONE, 3600, 'address')).to.equal(true);
  dns.serve(WORLD);
  clock.advance(61_000);
  await health.standing(ZONE, 'address');
  dns.serve(SOUND);
  clock.advance(30_000);
  await until(() => said().length === 3);
  return scene;
}

describe('A DNS list that was mad', () => {
  closesStages();

  it('is not believed in what it said then, though a reload dropped it and another took it in again', async () => {
    const { health, clock } = await healed();
    health.announce([list(OTHER)]);
    clock.advance(10_000);
    health.announce([list()]);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    expect(health.believes(ZONE, 3580, 'address'), 'of the mad half minute').to.equal(false);
    expect(health.believes(ZONE, 3595, 'address'), 'said since then').to.equal(true);
  });

  it('is not believed either if it was dropped while it was mad, and healed unseen', async () => {
    const { health, tested, dns, clock } = await stage(WORLD);
    health.announce([list()]);
    await tested();
    health.announce([]);
    dns.serve(SOUND);
    clock.advance(600_000);
    health.announce([list()]);
    expect(health.believes(ZONE, 3600, 'address'), 'before it is tested').to.equal(false);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    clock.advance(10_000);
    expect(health.believes(ZONE, 3100, 'address')).to.equal(false);
    expect(health.believes(ZONE, 3600, 'address')).to.equal(true);
  });

  it('is remembered as such before hundreds that were not', async () => {
    const { health, clock } = await healed();
    for (let n = 0; n < 500; n++) health.announce([list(`l${n}.example.org`)]);
    clock.advance(10_000);
    health.announce([list()]);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    expect(health.believes(ZONE, 3580, 'address')).to.equal(false);
  });
});

describe('A DNS list that no policy asks any more', () => {
  closesStages();

  it('goes on as it did for a session that began before several reloads', async () => {
    const { health, tested, clock, dns } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    health.announce([list(OTHER)]);
    health.announce([list(OTHER), list('third.example.org')]);
    clock.advance(61_000);
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'alive', proven: true });
    health.touch(ZONE, 'address');
    health.saw(ZONE, { outcome: 'listed', ms: null, subject: '192.0.2.99' }, 'address');
    expect(health.isOut(ZONE, 'address')).to.equal(false);
    expect(health.believes(ZONE, 3600, 'address')).to.equal(true);
    expect(health.snapshot().map(({ list: shown }) => shown)).not.to.include(ZONE);
    // Nobody asks: nothing is tested.
    const { length } = dns.queries.filter((name) => name.includes(ZONE));
    clock.advance(3_600_000);
    await turns();
    expect(dns.queries.filter((name) => name.includes(ZONE))).to.have.lengthOf(length);
  });

  it('is not tested again when the first test has ended after it was dropped', async () => {
    const { health, clock, said } = await stage(SOUND);
    health.announce([list()]);
    health.announce([]);
    await until(() => said().length === 1);
    await turns();
    expect(clock.timers).to.deep.equal([]);
  });

  it('can not tell once it is forgotten, or if it never was known', async () => {
    const { health, tested, clock } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    for (let n = 0; n < 300; n++) health.announce([list(`l${n}.example.org`)]);
    for (const zone of [ZONE, 'never.example.org'])
      for (const kind of ['address', 'ipv6', 'name'] as const) {
        expect(health.standing(zone, kind)).to.deep.equal({
          state: 'untested',
          sinceMs: clock.now(),
          outForMs: 0,
          why: 'no policy asks it any more',
          instead: null,
          proven: false,
        });
        expect(health.isOut(zone, kind)).to.equal(true);
        expect(health.believes(zone, 60, kind)).to.equal(false);
        health.touch(zone, kind);
        health.saw(zone, { outcome: 'outside_127', ms: 1, subject: '192.0.2.1' }, kind);
      }
    expect(health.snapshot()).to.have.lengthOf(1);
  });

  it('is tested anew when one asks it again, and its figures go on', async () => {
    const { health, tested, clock, dns, said } = await stage(SOUND);
    health.announce([list()]);
    await tested();
    health.saw(ZONE, { outcome: 'listed', ms: 1, subject: '192.0.2.99' }, 'address');
    health.announce([]);
    clock.advance(86_400_000);
    dns.serve([]);
    const since = clock.now();
    health.announce([list()]);
    expect(health.snapshot()[0]).to.include({ state: 'untested', sinceMs: since, hits: 1 });
    expect(await health.standing(ZONE, 'address')).to.include({ state: 'blind', outForMs: 0 });
    expect(said().at(-1)).to.match(/^untested → blind/);
    expect(clock.timers).to.deep.equal([30_000]);
  });
});

describe('How long a DNS list has been out', () => {
  closesStages();

  it('is not told by a clock that is set', async () => {
    const { health, tested, clock } = await stage([]);
    health.announce([list()]);
    await tested();
    clock.jump(26 * 365 * 86_400_000);
    clock.advance(10_000);
    expect(health.standing(ZONE, 'address')).to.include({ state: 'blind', outForMs: 10_000 });
    clock.jump(-30 * 365 * 86_400_000);
    clock.advance(10_000);
    expect(health.standing(ZONE, 'address')).to.include({ outForMs: 20_000 });
  });
});

describe('When the resolver may have been mended,', () => {
  closesStages();

  it('the lists that are out are tested at once, and no others', async () => {
    const { health, tested, clock, dns, said } = await stage([`2.0.0.127.${OTHER}. A 127.0.0.2`]);
    health.announce([list(), list(OTHER)]);
    await tested();
    await tested(OTHER);
    clock.advance(30_000);
    await until(() => clock.timers.every((ms) => ms > 59_000) && clock.timers.length === 2);
    clock.advance(6000);
    const { length } = dns.queries;
    dns.serve(SOUND);
    health.retest();
    await until(() => said().includes('blind → alive'));
    expect(dns.queries.slice(length).every((name) => name.endsWith(`.${ZONE} A`))).to.equal(true);
    expect(clock.timers).to.have.lengthOf(2);
  });

  it('a list is tested every 5 s at most, however often that is said', async () => {
    const { health, tested, clock, dns } = await stage([]);
    health.announce([list()]);
    await tested();
    const { length } = dns.queries;
    for (let n = 0; n < 50; n++) {
      clock.advance(100);
      health.retest();
      await turns(2);
      if (n === 48) expect(dns.queries).to.have.lengthOf(length);
    }
    await until(() => dns.queries.length > length);
    await until(() => clock.timers.join() === '60000');
    expect(dns.queries.slice(length)).to.have.lengthOf(2);
  });

  it('a list is tested once more if a test is under way, which may still go the old way', async () => {
    const { health, tested, clock, dns, said } = await stage([`2.0.0.127.${ZONE}. SILENCE`]);
    health.announce([list()]);
    const first = tested();
    await until(() => dns.queries.length === 3);
    clock.advance(6000);
    await first;
    clock.advance(2000);
    await until(() => dns.queries.length >= 5);
    clock.advance(6000);
    await until(() => said().length === 1);
    clock.advance(30_000);
    await turns();
    health.retest();
    dns.serve(SOUND);
    clock.advance(6000);
    await until(() => said().length === 2);
    expect(said()[1]).to.equal('dead → alive');
  });

  it('one that is still out after many tests is tested soon again, as one that has just failed', async () => {
    const { health, tested, clock } = await stage([]);
    health.announce([list()]);
    await tested();
    const testedAt = (): number => health.snapshot()[0]!.testedMs!;
    for (const seconds of [30, 60, 120, 300]) {
      const before = testedAt();
      clock.advance(seconds * 1000);
      await until(() => testedAt() !== before);
    }
    expect(clock.timers).to.deep.equal([300_000]);
    clock.advance(6000);
    const before = testedAt();
    health.retest();
    await until(() => testedAt() !== before);
    expect(clock.timers).to.deep.equal([60_000]);
  });

  it('no list is tested after the end', async () => {
    const { health, tested, dns } = await stage([]);
    health.announce([list()]);
    await tested();
    const { length } = dns.queries;
    health.close();
    health.retest();
    health.touch(ZONE, 'ipv6');
    await turns();
    expect(dns.queries).to.have.lengthOf(length);
  });
});
