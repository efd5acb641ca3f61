/** Owns the frame of the specs that go by the suite of RFC 7208: each scenario with its zone in a DNS server of its own. */

import { DnsServer } from '../support/dns/dns-server.ts';
import { readSuite, type Scenario } from '../support/dns/rfc7208-suite.ts';

/**
 * `body` is called for each scenario inside its `describe`; `dns` is there from its first hook on. Nothing of the suite
 * is declared where it is absent, only `title` and a line.
 */
export function describeScenarios(
  title: string,
  body: (scenario: Scenario, dns: () => DnsServer) => void,
  around: (scenarios: readonly Scenario[]) => void = () => {},
): void {
  describe(title, () => {
    const suite = readSuite();
    if (suite === null) {
      // Not a pending spec: data of another place is no server that CI must have.
      process.stdout.write('left out: the suite of RFC 7208 is not there (RFC7208_TESTS names it)\n');
      return;
    }
    around(suite);
    for (const scenario of suite)
      describe(scenario.description, () => {
        let dns: DnsServer;
        before(async () => (dns = await DnsServer.start(scenario.zone)));
        after(() => dns.close());
        body(scenario, () => dns);
      });
  });
}
