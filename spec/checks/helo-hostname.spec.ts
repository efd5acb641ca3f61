import { expect } from 'chai';
import { invalidHeloHostname } from '../../lib/checks/invalid-helo-hostname.ts';
import { missingHelo } from '../../lib/checks/missing-helo.ts';
import { nonFqdnHeloHostname } from '../../lib/checks/non-fqdn-helo-hostname.ts';
import { ownHeloHostname } from '../../lib/checks/own-helo-hostname.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { NEVER, session } from './session.ts';

describe('A HELO', () => {
  const cases: readonly [helo: string | null, invalid: string, nonFqdn: string][] = [
    ['mx.example.net', 'ok', 'ok'],
    ['mx.example.net.', 'ok', 'ok'],
    ['mx.example.net..', 'invalid_name', 'not_fqdn'],
    ['localhost', 'ok', 'not_fqdn'],
    ['a_b.example.net', 'ok', 'ok'],
    ['-a.example.net', 'invalid_name', 'not_fqdn'],
    ['a b', 'invalid_name', 'not_fqdn'],
    ['', 'invalid_name', 'not_fqdn'],
    ['bücher.example', 'invalid_name', 'ok'],
    ['192.0.2.1', 'ok', 'not_fqdn'],
    ['2001:db8::1', 'ok', 'not_fqdn'],
    ['[192.0.2.1]', 'ok', 'ok'],
    ['[IPv6:2001:db8::1]', 'ok', 'ok'],
    ['[2001:db8::1]', 'invalid_address', 'invalid_address'],
    ['[192.0.2.1', 'invalid_address', 'invalid_address'],
    ['[mx.example.net]', 'invalid_address', 'invalid_address'],
    ['[]', 'invalid_address', 'invalid_address'],
    [null, 'ok', 'ok'],
  ];
  for (const [helo, invalid, nonFqdn] of cases) {
    it(`of ${JSON.stringify(helo)} is ${invalid} as a host name, and ${nonFqdn} as a full one`, () => {
      const facts = helo === null ? {} : { helo };
      expect(invalidHeloHostname.run(session({ helo }), NEVER)).to.deep.equal({ result: invalid, facts });
      expect(nonFqdnHeloHostname.run(session({ helo }), NEVER)).to.deep.equal({ result: nonFqdn, facts });
    });
  }

  it('is missing only when there was none', () => {
    expect(missingHelo.run(session({ helo: null }), NEVER)).to.include({ result: 'yes' });
    expect(missingHelo.run(session({ helo: '' }), NEVER)).to.include({ result: 'no' });
  });
});

describe('A HELO with our own name', () => {
  const check = ownHeloHostname({
    names: ['mx.example.org', 'Example.org.'],
    addresses: [parseAddress('203.0.113.25')!, parseAddress('2001:db8:25::25')!],
  });
  const cases: readonly [string | null, string][] = [
    ['mx.example.org', 'own_name'],
    ['MX.Example.Org.', 'own_name'],
    ['example.org', 'own_name'],
    ['other.example.org', 'ok'],
    ['203.0.113.25', 'own_address'],
    ['[203.0.113.25]', 'own_address'],
    ['[IPv6:2001:DB8:25:0::25]', 'own_address'],
    ['[::ffff:203.0.113.25]', 'own_address'],
    ['203.0.113.26', 'ok'],
    ['', 'ok'],
    [null, 'ok'],
  ];
  for (const [helo, result] of cases) {
    it(`or not: ${JSON.stringify(helo)} is ${result}`, () => {
      expect(check.run(session({ helo }), NEVER)).to.include({ result });
    });
  }
});
