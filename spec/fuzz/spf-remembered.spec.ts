/** Zones that change as their TTLs allow: what is remembered of SPF is at any time what would be found anew. */

import { expect } from 'chai';
import fc from 'fast-check';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { SpfQuestion } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { RememberingEvaluator, type GroundedEvaluator } from '../../lib/spf/remembering-evaluator.ts';
import { HandClock } from '../support/hand-clock.ts';
import { some } from './any-spf-record.ts';
import { anySpfQuestion, type SpfZone } from './any-spf-zone.ts';
import { recordsIn, spfResolver } from './spf-resolver.ts';

/** Seconds; 0: the next answer may be another already. */
const TTLS = [0, 1, 30, 300, 3600, 3600, 86_400, 86_400];

interface Visit {
  readonly afterMs: number;
  readonly identity: SpfQuestion['identity'];
  readonly ip: string;
  readonly from: string;
  readonly helo: string;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  afterMs: some(0, 0, 0, 0, 1, 999, 1000, 20_000, 290_000, 4_000_000),
  identity: some('mailfrom', 'mailfrom', 'mailfrom', 'helo'),
  ip: some('192.0.2.10', '192.0.2.10', '198.51.100.7', '2001:db8::10'),
  from: some('alice@a.example', 'alice@a.example', 'bob@a.example', '<>', 'alice@b.example'),
  helo: some('mx.example.net', 'mx.example.net', 'a.example', 'A.example'),
});

/** Each name changes by a period of its own, which is its TTL. */
function changing(zones: readonly SpfZone[], seed: number, nowMs: () => number): Resolver {
  return spfResolver((name, type) => {
    const hash =
      Buffer.from(`${name} ${type}`).reduce((sum, octet) => Math.imul(sum, 31) + octet, seed) >>> 3;
    const period = TTLS[hash % TTLS.length]! * 1000;
    const turn = period === 0 ? nowMs() : Math.floor(nowMs() / period);
    const ttl = period === 0 ? 0 : Math.floor(((turn + 1) * period - nowMs()) / 1000);
    return { records: recordsIn(zones[turn % zones.length]!, name, type), ttl };
  });
}

describe('What is remembered of SPF', function () {
  this.timeout(120_000);

  it('is what would be found anew, whatever changes meanwhile', async () => {
    let [asked, evaluated] = [0, 0];
    const results = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySpfQuestion(3), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.array(visit, { minLength: 2, maxLength: 25 }),
        some(20, 1000),
        async (worlds, seed, visits, entries) => {
          const clock = new HandClock();
          const zones = worlds.map(({ zone }) => zone);
          const fresh = new MailauthEvaluator(
            changing(zones, seed, () => clock.elapsed()),
            {
              random: (octets) => new Uint8Array(octets),
            },
          );
          const counted: GroundedEvaluator = {
            grounded(...about) {
              evaluated++;
              return fresh.grounded(...about);
            },
          };
          const bounds = { entries, bytes: 1_000_000 };
          const remembering = new RememberingEvaluator(counted, { now: () => clock.elapsed(), bounds });
          for (const { afterMs, identity, ip, from, helo } of visits) {
            clock.advance(afterMs);
            const sender = parseMailbox(from);
            const about = { identity, ip: parseAddress(ip)!, helo, sender, receiver: 'mx.example.org' };
            const now = await fresh.evaluate(about, NEVER);
            const found = remembering.evaluate(about, NEVER);
            expect(await found).to.deep.equal(now);
            asked++;
            results.add(found instanceof Promise ? now.result : `${now.result}, remembered`);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(asked - evaluated, 'much is remembered').to.be.greaterThan(200);
    for (const result of ['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror'])
      expect([...results]).to.include(`${result}, remembered`);
    expect([...results])
      .to.include('temperror')
      .and.not.to.include('temperror, remembered');
  });
});
