/** Random SPF records, evaluated here and by Debian's pyspf: they mean the same, and are explained by the same words. */

import { expect } from 'chai';
import fc from 'fast-check';
import { NEVER } from '../../lib/dns/resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { without } from '../support/without.ts';
import { anySpfQuestion, type AskedOfSpf } from './any-spf-zone.ts';
import { PythonOracle } from './python-oracle.ts';
import { recordsIn, spfResolver } from './spf-resolver.ts';

interface Found {
  /** `fault`: it has thrown. */
  readonly result: string;
  /** Of a fail, in lower case; empty: none. */
  readonly explanation: string;
}

describe('A random SPF record', function () {
  this.timeout(120_000);
  let pyspf: PythonOracle<AskedOfSpf, Found> | undefined;
  before(function () {
    if (!PythonOracle.has('spf'))
      without(this, 'SPF against pyspf', 'python3-spf (apt-get install python3-spf)');
    pyspf = new PythonOracle('spf-oracle.py');
  });
  after(() => pyspf?.stop());

  for (const [kind, oddities, numRuns] of [
    ['by the grammar', 0, 1500],
    ['with what is not', 12, 1500],
  ] as const)
    it(`${kind} means the same to pyspf`, async () => {
      const results = new Set<string>();
      await fc.assert(
        fc.asyncProperty(anySpfQuestion(oddities), async (asked) => {
          const ours = await found(asked);
          expect(ours).to.deep.equal(await pyspf!.ask(asked));
          results.add(ours.result);
        }),
        { numRuns },
      );
      const all = ['fail', 'neutral', 'pass', 'permerror', 'softfail', 'temperror'];
      expect([...results].toSorted(), 'every result comes about').to.deep.equal(all);
    });
});

async function found({ zone, ip, sender, helo }: AskedOfSpf): Promise<Found> {
  const limits = { lookups: 1000, voidLookups: 1000, deadlineMs: 60_000 };
  const evaluator = new MailauthEvaluator(
    spfResolver((name, type) => ({ records: recordsIn(zone, name, type), ttl: 60 })),
    { limits },
  );
  const { result, explanation } = await evaluator.evaluate(
    {
      identity: 'mailfrom',
      ip: parseAddress(ip)!,
      helo,
      sender: parseMailbox(sender),
      receiver: 'mx.example.org',
    },
    NEVER,
  );
  return { result, explanation: explanation?.toLowerCase() ?? '' };
}
