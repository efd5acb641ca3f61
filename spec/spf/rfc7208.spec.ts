/** The whole suite of RFC 7208, asked of the evaluator over a real DNS server: results and explanations. */

import { expect } from 'chai';
import { CachingResolver, oneLane } from '../../lib/dns/caching-resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { NEVER } from '../../lib/dns/resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import type { SuiteTest } from '../support/dns/rfc7208-suite.ts';
import { describeScenarios } from './scenarios.ts';

/** By name: what we answer instead, and why. Empty is the goal. */
const DEVIATIONS: Readonly<Record<string, string>> = {};

describeScenarios(
  'The evaluator of SPF, by the suite of RFC 7208',
  ({ tests }, dns) => {
    let evaluator: MailauthEvaluator;
    before(() => {
      const now = (): number => performance.now();
      const stub = new StubResolver({ servers: [dns().address], timeoutMs: 150, now });
      evaluator = new MailauthEvaluator(new CachingResolver(oneLane(stub), { now }));
    });
    for (const test of tests)
      it(`${test.name}${DEVIATIONS[test.name] === undefined ? '' : `, but for ${DEVIATIONS[test.name]}`}`, async () => {
        await agrees(evaluator, test);
      });
  },
  (suite) =>
    it('has 203 cases', () => {
      expect(suite.flatMap(({ tests }) => tests)).to.have.length(203);
    }),
);

async function agrees(evaluator: MailauthEvaluator, test: SuiteTest): Promise<void> {
  const sender = parseMailbox(test.mailfrom);
  const found = await evaluator.evaluate(
    {
      identity: 'mailfrom',
      ip: parseAddress(test.host)!,
      helo: test.helo,
      sender,
      receiver: 'receiver.example.org',
    },
    NEVER,
  );
  expect(test.results, JSON.stringify(found)).to.include(found.result);
  if (test.explanation !== null && found.result === 'fail')
    expect(found.explanation ?? 'DEFAULT', JSON.stringify(found)).to.equal(test.explanation);
}
