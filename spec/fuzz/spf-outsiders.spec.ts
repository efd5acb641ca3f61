/** Whoever is called narrow without being tried would have been called so by trying. */

import { expect } from 'chai';
import fc from 'fast-check';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { SpfFound } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { anySpfQuestion, type AskedOfSpf, type SpfZone } from './any-spf-zone.ts';
import { recordsIn, spfResolver, type SpfRecords } from './spf-resolver.ts';

const NOBODYS = { ipv4: ['192.0.2.1', '198.51.100.1', '203.0.113.1'], ipv6: ['2001:db8::1'] };
const LIMITS = { lookups: 100, voidLookups: 100, deadlineMs: 60_000 };

describe('The word that a record is narrow', function () {
  this.timeout(120_000);

  it('is true of all that were not tried', async () => {
    const counts = { narrow: 0, wide: 0 };
    await fc.assert(
      fc.asyncProperty(anySpfQuestion(0), async (asked) => {
        const heard = new Map<string, SpfRecords>();
        const found = await evaluated(asked, asked.ip, hearing(asked.zone, heard));
        if (found.result !== 'pass') return;
        counts[found.wide ? 'wide' : 'narrow']++;
        if (found.wide) return;
        const tried = [];
        for (const ip of NOBODYS[parseAddress(asked.ip)!.family])
          tried.push((await evaluated(asked, ip, knowing(asked.zone, heard, ip))).result);
        expect(tried.some((result) => result !== 'pass' && result !== 'temperror')).to.equal(true);
      }),
      { numRuns: 4000 },
    );
    expect(counts.narrow, 'narrow ones').to.be.greaterThan(100);
    expect(counts.wide, 'wide ones').to.be.greaterThan(100);
  });
});

function evaluated({ sender, helo }: AskedOfSpf, client: string, resolver: Resolver): Promise<SpfFound> {
  const evaluator = new MailauthEvaluator(resolver, { limits: LIMITS, explain: false });
  const ip = parseAddress(client)!;
  const mailbox = parseMailbox(sender);
  const question = { identity: 'mailfrom', ip, helo, sender: mailbox, receiver: 'mx.example.org' } as const;
  return evaluator.evaluate(question, NEVER);
}

function hearing(zone: SpfZone, heard: Map<string, SpfRecords>): Resolver {
  return spfResolver((name, type) => {
    const records = recordsIn(zone, name, type);
    heard.set(`${name} ${type}`, records);
    return { records, ttl: 60 };
  });
}

/** Only what was heard, names that are made of this client's address, and what these lead to. */
function knowing(zone: SpfZone, heard: ReadonlyMap<string, SpfRecords>, ip: string): Resolver {
  const made = [ip, ip.split('.').toReversed().join('.')];
  let leads = false;
  return spfResolver((name, type) => {
    const isMade = type !== 'PTR' && ip.includes('.') && made.some((each) => name.includes(each));
    const records = heard.get(`${name} ${type}`) ?? (isMade || leads ? recordsIn(zone, name, type) : []);
    leads ||= isMade && (type === 'TXT' || type === 'MX') && records.length > 0;
    return { records, ttl: 60 };
  });
}
