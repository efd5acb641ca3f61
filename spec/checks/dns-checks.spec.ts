import { expect } from 'chai';
import { unknownHeloHostname } from '../../lib/checks/unknown-helo-hostname.ts';
import { unknownRecipientDomain } from '../../lib/checks/unknown-recipient-domain.ts';
import { unknownSenderDomain } from '../../lib/checks/unknown-sender-domain.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { NEVER, session } from './session.ts';

const ZONE = [
  'mx.example. MX 10 mail.mx.example.',
  'a.example. A 192.0.2.1',
  'aaaa.example. AAAA 2001:db8::1',
  'alias.example. CNAME a.example.',
  'txt.example. TXT "nothing else"',
  'null.example. MX 0 .',
  'null.example. A 192.0.2.1',
  'only-null.example. MX 0 .',
  'both.example. MX 0 .',
  'both.example. MX 10 mail.mx.example.',
  'number.example. MX 10 192.0.2.1.',
  'bad.example. MX 10 [192.0.2.1].',
  'bad.example. A 192.0.2.1',
  'only-bad.example. MX 10 -mail.example.',
  'half-bad.example. MX 10 -mail.example.',
  'half-bad.example. MX 20 mail.mx.example.',
  'broken.example. SERVFAIL',
  'broken-mx.example. A 192.0.2.1',
  'broken-mx.example. SERVFAIL MX',
  'broken-a.example. MX 10 mail.mx.example.',
  'broken-a.example. SERVFAIL A',
  'half-broken.example. TXT "x"',
  'half-broken.example. SERVFAIL A',
  'broken-null.example. MX 0 .',
  'broken-null.example. SERVFAIL A',
  'broken-bad.example. MX 10 -mail.example.',
  'broken-bad.example. SERVFAIL A',
  'xn--bcher-kva.example. A 192.0.2.1',
];

describe('A name that mail comes from', () => {
  let dns: DnsServer;
  let resolver: NodeResolver;
  before(async () => {
    dns = await DnsServer.start(ZONE);
    resolver = new NodeResolver({ servers: [dns.address], timeoutMs: 2000 });
  });
  after(() => dns.close());

  const cases: readonly [domain: string, asMailDomain: string, asHelo: string][] = [
    ['mx.example', 'ok', 'ok'],
    ['a.example', 'ok', 'ok'],
    ['aaaa.example', 'ok', 'ok'],
    ['alias.example', 'ok', 'ok'],
    ['txt.example', 'not_found', 'not_found'],
    ['none.example', 'not_found', 'not_found'],
    ['null.example', 'null_mx', 'ok'],
    ['only-null.example', 'null_mx', 'ok'],
    ['both.example', 'null_mx', 'ok'],
    ['number.example', 'ok', 'ok'],
    ['bad.example', 'malformed', 'ok'],
    ['only-bad.example', 'malformed', 'malformed'],
    ['half-bad.example', 'ok', 'ok'],
    ['broken.example', 'temperror', 'temperror'],
    ['broken-mx.example', 'ok', 'ok'],
    ['broken-a.example', 'ok', 'ok'],
    ['half-broken.example', 'temperror', 'temperror'],
    ['broken-null.example', 'null_mx', 'temperror'],
    ['broken-bad.example', 'malformed', 'temperror'],
    ['bücher.example', 'ok', 'not_found'],
    ['192.0.2.1', 'not_found', 'not_found'],
    ['a..example', 'not_found', 'not_found'],
    ['*.example', 'not_found', 'not_found'],
  ];
  for (const [domain, asMailDomain, asHelo] of cases) {
    it(`${domain} is ${asMailDomain} as a domain of mail and ${asHelo} as a HELO`, async () => {
      const address = `alice@${domain}`;
      const sender = await unknownSenderDomain(resolver).run(session({ from: `<${address}>` }), NEVER);
      expect(sender.result).to.equal(asMailDomain);
      expect(sender.facts).to.include({ sender: address, domain });
      const recipient = await unknownRecipientDomain(resolver).run(session({ to: `<${address}>` }), NEVER);
      expect(recipient.result).to.equal(asMailDomain);
      expect(recipient.facts).to.include({ recipient: address, domain });
      const helo = await unknownHeloHostname(resolver).run(session({ helo: domain }), NEVER);
      expect(helo.result).to.equal(asHelo);
      expect(helo.facts).to.include({ helo: domain });
    });
  }

  it('says why it could not be looked up', async () => {
    const { facts } = await unknownSenderDomain(resolver).run(session({ from: '<a@broken.example>' }), NEVER);
    expect(facts).to.deep.equal({ sender: 'a@broken.example', domain: 'broken.example', why: 'SERVFAIL' });
  });

  for (const from of ['<>', '<alice>', '<alice@[192.0.2.1]>', '<alice@[junk]>', '<alice@ours.example>']) {
    it(`is not asked for when the sender is ${from}`, async () => {
      const check = unknownSenderDomain(resolver, (domain) => domain === 'ours.example');
      expect(await check.run(session({ from }), NEVER)).to.include({ result: 'ok' });
      expect(dns.queries.filter((query) => query.includes('ours') || query.includes('['))).to.deep.equal([]);
    });
  }

  for (const to of ['<postmaster>', '<bob@[192.0.2.1]>', '<bob@ours.example>']) {
    it(`is not asked for when the recipient is ${to}`, async () => {
      const check = unknownRecipientDomain(resolver, (domain) => domain === 'ours.example');
      expect(await check.run(session({ to }), NEVER)).to.include({ result: 'ok' });
    });
  }

  const helos: readonly [string | null, string][] = [
    [null, 'ok'],
    ['[192.0.2.1]', 'ok'],
    ['[junk]', 'invalid_address'],
    ['a.example.', 'not_found'],
  ];
  for (const [helo, result] of helos) {
    it(`is ${result} in a HELO of ${helo}`, async () => {
      expect(await unknownHeloHostname(resolver).run(session({ helo }), NEVER)).to.include({ result });
    });
  }
});
