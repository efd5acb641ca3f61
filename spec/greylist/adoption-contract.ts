/** Owns what every store makes of what another greylister has known; part of its contract. */

import { expect } from 'chai';
import type { Adoption } from '../../lib/greylist/adopt.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Attempt, Origin, Subject } from '../../lib/greylist/triplet.ts';
import { attempt, DAY, network, NOON, SECOND, TIMINGS } from './attempts.ts';
import { collected } from './scratch.ts';

const MINUTE = 60 * SECOND;
const PTR: Origin = { kind: 'ptr', value: 'example.net' };
const ADDRESS: Subject = { kind: 'address', value: '192.0.2.10' };

type Triplet = Extract<Adoption, { kind: 'triplet' }>;

function triplet(n: number, passed: boolean, firstMs: number, lastMs = firstMs): Triplet {
  return { ...attempt(n), kind: 'triplet', passed, firstMs, lastMs };
}

/** `store` is another one for each test. */
export function adoptionContract(store: () => Store): void {
  const outcome = async (one: Attempt, atMs: number): Promise<string> =>
    (await store().judge(one, atMs, TIMINGS)).outcome;
  const adopt = (...adoptions: readonly Adoption[]) => store().adopt(adoptions, NOON, TIMINGS);
  const allowing = { proof: { subjects: [ADDRESS], ownsSender: false, mayCap: false } };

  it('adopts who has passed elsewhere: he is known as long as since his last use there', async () => {
    const last = NOON - 30 * DAY;
    expect(await adopt(triplet(1, true, NOON - 90 * DAY, last))).to.deep.equal({
      adopted: 1,
      there: 0,
      stale: 0,
    });
    const [row] = await collected(store().list({}, NOON));
    expect(row).to.deep.equal({
      origins: [network()],
      sender: 'alice1@example.net',
      recipient: 'bob@example.org',
      state: 'passed',
      passed: true,
      delayedSeconds: 0,
      firstMs: NOON - 90 * DAY,
      lastMs: last,
      tries: 2,
      expiresMs: last + 36 * DAY,
    });
    expect(await outcome(attempt(1), last + 36 * DAY)).to.equal('known');
    expect(await outcome(attempt(2), NOON)).to.equal('new');
  });

  it('adopts who waits elsewhere with his first try', async () => {
    await adopt(triplet(1, false, NOON - 30 * SECOND), triplet(2, false, NOON - DAY, NOON - DAY + SECOND));
    expect(await store().judge(attempt(1), NOON, TIMINGS)).to.deep.equal({
      outcome: 'early',
      waitSeconds: 30,
      tries: 2,
    });
    expect(await store().judge(attempt(2), NOON, TIMINGS)).to.deep.equal({
      outcome: 'passed',
      delayedSeconds: DAY / SECOND,
      tries: 3,
    });
  });

  it('leaves out what is past its time', async () => {
    const stale = [triplet(1, true, 0, NOON - 36 * DAY - 1), triplet(2, false, NOON - 2 * DAY - 1)];
    expect(await adopt(...stale)).to.deep.equal({ adopted: 0, there: 0, stale: 2 });
    expect(await collected(store().list({}, NOON))).to.deep.equal([]);
  });

  it('believes no clock: nothing lives longer than if it had been used just now', async () => {
    await adopt(triplet(1, true, NOON + DAY, NOON + 400 * DAY), triplet(2, false, NOON + DAY));
    expect(await outcome(attempt(2), NOON)).to.equal('early');
    const rows = await collected(store().list({}, NOON));
    expect(rows.map(({ firstMs, lastMs, expiresMs }) => [firstMs, lastMs, expiresMs])).to.deep.equal([
      [NOON, NOON, NOON + 36 * DAY],
      [NOON, NOON, NOON + 2 * DAY],
    ]);
  });

  it('adopts the same twice, and nothing changes', async () => {
    const both = [triplet(1, true, NOON - DAY), triplet(2, false, NOON - MINUTE)];
    const standing = { kind: 'standing', subject: ADDRESS, count: 3, allowed: false, lastMs: NOON } as const;
    await adopt(...both, standing);
    const before = await collected(store().list({}, NOON));
    expect(await adopt(...both, standing)).to.deep.equal({ adopted: 0, there: 3, stale: 0 });
    expect(await collected(store().list({}, NOON))).to.deep.equal(before);
  });

  it('makes nothing worse that it knows already', async () => {
    for (const n of [1, 2]) await outcome(attempt(n), NOON - 5 * MINUTE);
    await outcome(attempt(1), NOON - MINUTE);
    const worse = [triplet(1, false, NOON), triplet(1, true, NOON - DAY), triplet(2, false, NOON)];
    expect(await adopt(...worse)).to.deep.equal({ adopted: 0, there: 3, stale: 0 });
    expect(await outcome(attempt(1), NOON + 35 * DAY)).to.equal('known');
    expect(await outcome(attempt(2), NOON)).to.equal('passed');
  });

  it('learns what was better elsewhere of one that it knows', async () => {
    for (const n of [1, 2, 3]) await outcome(attempt(n), NOON - SECOND);
    await adopt(triplet(1, true, NOON - DAY), triplet(2, false, NOON - MINUTE));
    expect(await outcome(attempt(1), NOON)).to.equal('known');
    expect(await outcome(attempt(2), NOON)).to.equal('passed');
    expect(await outcome(attempt(3), NOON)).to.equal('early');
  });

  it('uses what a judgement has not yet written', async () => {
    await outcome(attempt(1), NOON - DAY);
    await outcome(attempt(1), NOON - DAY + MINUTE);
    // This use reaches the disk later.
    await outcome(attempt(1), NOON);
    expect(await adopt(triplet(1, true, NOON - 2 * DAY, NOON - SECOND))).to.include({ there: 1 });
    expect(await outcome(attempt(1), NOON + 36 * DAY)).to.equal('known');
  });

  it('is not undone by a try that reaches the disk later', async () => {
    await outcome(attempt(1), NOON - SECOND);
    await outcome(attempt(1), NOON);
    await adopt(triplet(1, true, NOON - DAY));
    expect(await outcome(attempt(1), NOON)).to.equal('known');
  });

  it('finds one under each of its origins', async () => {
    const one = { ...triplet(1, true, NOON - DAY), origins: [PTR, network()] };
    await adopt(one);
    expect(await outcome(attempt(1, [PTR]), NOON)).to.equal('known');
    expect(await outcome(attempt(1, [network()]), NOON)).to.equal('known');
    await adopt({ ...one, origins: [PTR, network('198.51.100.0/24')] });
    expect(await outcome(attempt(1, [network('198.51.100.0/24')]), NOON)).to.equal('known');
    expect(await collected(store().list({}, NOON))).to.have.length(1);
  });

  it('adopts who need not wait, until a list has him', async () => {
    const standing = { kind: 'standing', subject: ADDRESS, count: 7, allowed: true, lastMs: NOON } as const;
    await adopt(standing);
    expect(await outcome({ ...attempt(1), ...allowing }, NOON + 36 * DAY)).to.equal('allowed');
    await store().revoke([ADDRESS], NOON);
    expect(await outcome({ ...attempt(2), ...allowing }, NOON)).to.equal('new');
    expect(await adopt({ ...standing, lastMs: NOON - 37 * DAY })).to.include({ stale: 1 });
  });

  it('counts on from what he has earned there, and allows whom we would', async () => {
    const earning = { ...TIMINGS, allowAfter: 5 };
    const standing = { kind: 'standing', subject: ADDRESS, allowed: false, lastMs: NOON - DAY } as const;
    await store().adopt([{ ...standing, count: 4 }], NOON, earning);
    expect(await outcome({ ...attempt(1), ...allowing }, NOON)).to.equal('new');
    await store().judge({ ...attempt(1), ...allowing }, NOON + MINUTE, earning);
    expect(await outcome({ ...attempt(2), ...allowing }, NOON + MINUTE)).to.equal('allowed');
    const other = { kind: 'address', value: '192.0.2.11' } as const;
    await store().adopt([{ ...standing, subject: other, count: 5 }], NOON, earning);
    const standings = await collected(store().standings(NOON));
    expect(standings.find(({ value }) => value === other.value)).to.include({ allowed: true, count: 5 });
  });

  it('leaves what an administrator granted as he wanted it', async () => {
    await store().grant(ADDRESS, NOON + DAY, NOON);
    const standing = { kind: 'standing', subject: ADDRESS, count: 7, allowed: true, lastMs: NOON } as const;
    expect(await adopt(standing)).to.include({ there: 1 });
    const [granted] = await collected(store().standings(NOON));
    expect(granted).to.include({ granted: true, expiresMs: NOON + DAY });
  });

  it('finds what was imported under a former spelling, and remembers it by its own', async () => {
    const imported = { ...triplet(1, true, NOON - DAY), sender: 'john.<#>@example.net' };
    await adopt(imported);
    const john = { ...attempt(1), sender: 'john.85@example.net', formerly: ['john.<#>@example.net'] };
    expect(await outcome({ ...attempt(1), sender: 'john.85@example.net' }, NOON)).to.equal('new');
    await store().forget({ sender: 'john.85@' }, NOON);
    expect(await outcome(john, NOON)).to.equal('known');
    expect(await outcome({ ...attempt(1), sender: 'john.85@example.net' }, NOON)).to.equal('known');
    // It stands for others too.
    expect(await outcome({ ...john, sender: 'john.86@example.net' }, NOON)).to.equal('known');
    expect(await outcome({ ...john, origins: [PTR] }, NOON)).to.equal('new');
    expect(await collected(store().list({}, NOON))).to.have.length(4);
  });

  it('goes on waiting for one that was imported under a former spelling', async () => {
    await adopt({ ...triplet(1, false, NOON - 30 * SECOND), sender: '<#>@example.net' });
    const one = { ...attempt(1), sender: '17@example.net', formerly: ['<#>@example.net'] };
    expect(await store().judge(one, NOON, TIMINGS)).to.include({ outcome: 'early', waitSeconds: 30 });
    expect(await outcome(one, NOON + 30 * SECOND)).to.equal('passed');
  });

  it('refuses a triplet without origins as a mistake of its caller, and adopts none of its batch', async () => {
    const failed = await adopt(triplet(1, true, NOON), { ...triplet(2, true, NOON), origins: [] }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failed).to.be.instanceOf(RangeError);
    expect(await outcome(attempt(1), NOON)).to.equal('new');
  });
}
