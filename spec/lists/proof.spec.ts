/** Whatever a name server says, and whenever: a listing decides only by a proof that is at most a minute old. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import type { AnnouncedList } from '../../lib/lists/announced-list.ts';
import type { Moment } from '../../lib/lists/clock.ts';
import type { ListChange, Standing } from '../../lib/lists/list-health.ts';
import { ProbedHealth } from '../../lib/lists/probed-health.ts';
import { HandClock, turns } from '../support/hand-clock.ts';
import { list, ZONE } from './health-stage.ts';

/** What the list says from now on: how, and how long ago it said so to the resolver in between, in seconds. */
interface Weather {
  readonly says: 'not listed' | 'listed' | 'refused' | 'outside' | 'SERVFAIL' | 'silence';
  readonly oldSeconds: number;
}

type Step =
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'mail' | 'odd' };

const weather: fc.Arbitrary<Weather> = fc.record({
  says: fc.constantFrom(
    'not listed',
    'not listed',
    'not listed',
    'listed',
    'refused',
    'outside',
    'SERVFAIL',
    'silence',
  ),
  oldSeconds: fc.constantFrom(0, 0, 20, 45, 1000),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('weather' as const), weather }),
  fc.record({
    kind: fc.constant('time' as const),
    ms: fc.constantFrom(100, 2000, 15_000, 31_000, 61_000, 900_000),
  }),
  fc.record({ kind: fc.constant('jump' as const), ms: fc.constantFrom(-3_600_000, 40_000, 3_600_000) }),
  fc.constantFrom({ kind: 'mail' as const }, { kind: 'odd' as const }),
);

const TTL = 3600;
const KEY = 'k3y0123456789abcdefghij0123';

const RECORDS: Readonly<Record<string, string>> = {
  listed: '127.0.0.2',
  refused: '127.255.255.254',
  outside: '203.0.113.7',
};

/** The moments, by both clocks, at which the list itself said that nobody is listed who may not be. */
class Truth {
  readonly #said: Moment[] = [];

  saw(clock: HandClock, oldMs: number): void {
    this.#said.push({ now: clock.now() - oldMs, elapsed: clock.elapsed() - oldMs });
  }

  /** Of the youngest. */
  ageMs(clock: HandClock): number {
    const ages = this.#said.map(({ now, elapsed }) => Math.max(clock.now() - now, clock.elapsed() - elapsed));
    return Math.min(...ages);
  }
}

/** A resolver that keeps `invalid` and 127.0.0.1 in a cache, at the age that the weather says; all else is new. */
function resolverIn(now: () => Weather, clock: HandClock, truth: Truth): Resolver {
  const a = async (name: string, signal: AbortSignal): Promise<Answer<string>> => {
    const { says, oldSeconds } = now();
    if (says === 'SERVFAIL') return { status: 'temperror', why: `SERVFAIL for ${name}` };
    if (says === 'silence')
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ status: 'temperror', why: name })),
      );
    if (name.startsWith('2.0.0.127.') && says !== 'refused')
      return { status: 'found', records: ['127.0.0.2'], ttl: 60 };
    if (says !== 'not listed') return { status: 'found', records: [RECORDS[says]!], ttl: 60 };
    const cached = name.startsWith('1.0.0.127.');
    truth.saw(clock, cached ? oldSeconds * 1000 : 0);
    return { status: 'nxdomain', ttl: cached ? TTL - oldSeconds : TTL };
  };
  const none = (): never => {
    throw new Error('never asked');
  };
  return { a, aaaa: none, mx: none, ptr: none, txt: none };
}

async function play(
  steps: readonly Step[],
  announced: AnnouncedList,
): Promise<{ wrong: string | null; proofs: number; said: string }> {
  const clock = new HandClock();
  const truth = new Truth();
  let weather: Weather = { says: 'not listed', oldSeconds: 0 };
  const changes: ListChange[] = [];
  const health = new ProbedHealth({
    resolver: resolverIn(() => weather, clock, truth),
    clock,
    onChange: (change) => changes.push(change),
    spread: () => 0,
  });
  health.announce([announced]);
  let wrong: string | null = null;
  const standings: Standing[] = [];
  const judge = (standing: Standing): void => {
    standings.push(standing);
    if (!standing.proven) return;
    if (standing.state !== 'alive') wrong ??= `proven, and ${standing.state}`;
    if (truth.ageMs(clock) > 60_000) wrong ??= `proven ${truth.ageMs(clock)} ms ago`;
  };
  const look = async (): Promise<void> => {
    await turns(3);
    const standing = health.standing(announced.zone, 'address');
    if (standing instanceof Promise) void standing.then(judge);
    else judge(standing);
    await turns(3);
  };
  for (const each of steps) {
    if (each.kind === 'weather') ({ weather } = each);
    else if (each.kind === 'time') clock.advance(each.ms);
    else if (each.kind === 'jump') clock.jump(each.ms);
    else if (each.kind === 'odd')
      health.saw(announced.zone, { outcome: 'outside_127', ms: 1, subject: '192.0.2.1' }, 'address');
    else health.touch(announced.zone, 'address');
    await look();
  }
  health.close();
  return {
    wrong,
    proofs: standings.filter(({ proven }) => proven).length,
    said: JSON.stringify([changes, standings, health.snapshot()]),
  };
}

describe('The proof that a DNS list does not list the world', () => {
  it('is at most 60 s old whenever a listing may decide, whatever the list, the cache and the clock do', async () => {
    let proven = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const { wrong, proofs } = await play(steps, list());
        if (wrong !== null) throw new Error(wrong);
        proven += proofs;
      }),
      { numRuns: 200 },
    );
    // Not by never proving anything.
    expect(proven).to.be.greaterThan(500);
  }).timeout(30_000);

  it('never brings a key into anything that can be seen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
        const secret = { ...list(`${KEY}.zen.dq.spamhaus.net`), alias: 'zen.dq.spamhaus.net' };
        const { said } = await play(steps, secret);
        if (said.toLowerCase().includes(KEY)) throw new Error(said);
        const named = { ...list(`${KEY}.${ZONE}`), alias: ZONE };
        const other = await play(steps, named);
        if (other.said.toLowerCase().includes(KEY)) throw new Error(other.said);
      }),
      { numRuns: 60 },
    );
  }).timeout(30_000);
});
