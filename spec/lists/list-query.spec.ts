/** What a DNS list is asked about addresses and names, and what it is never asked. */

import { expect } from 'chai';
import fc from 'fast-check';
import { queryName } from '../../lib/dns/resolver.ts';
import { addressQuestion, nameQuestion } from '../../lib/lists/list-query.ts';
import { parseAddress } from '../../lib/mail/network.ts';

const ZONE = 'l.example';

describe('A DNS list is asked about an address', () => {
  const cases: readonly (readonly [address: string, question: string | null])[] = [
    ['192.0.2.99', '99.2.0.192.l.example'],
    ['::ffff:192.0.2.99', '99.2.0.192.l.example'],
    [
      '2001:db8:1:2:3:4:567:89ab',
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.l.example',
    ],
    ['198.51.100.7', '7.100.51.198.l.example'],
    ['203.0.113.255', '255.113.0.203.l.example'],
    ['100.63.255.255', '255.255.63.100.l.example'],
    // Never.
    ['10.1.2.3', null],
    ['172.16.0.1', null],
    ['172.31.255.255', null],
    ['192.168.1.1', null],
    ['127.0.0.2', null],
    ['::ffff:127.0.0.2', null],
    ['169.254.1.1', null],
    ['100.64.0.1', null],
    ['0.0.0.0', null],
    ['224.0.0.1', null],
    ['255.255.255.255', null],
    ['::', null],
    ['::1', null],
    ['fe80::1%eth0', null],
    ['fd00::1', null],
    ['ff02::1', null],
  ];
  for (const [address, question] of cases)
    it(`${address}: ${question ?? 'never'}`, () => {
      expect(addressQuestion(parseAddress(address)!, ZONE)).to.equal(question);
    });

  it('not, if the zone leaves no room for it', () => {
    expect(addressQuestion(parseAddress('192.0.2.1')!, 'a.'.repeat(122) + 'a')).to.equal(null);
  });
});

describe('A DNS list is asked about a name', () => {
  const cases: readonly (readonly [name: string, host: string | null, registered: string | null])[] = [
    ['Mail.Example.ORG', 'mail.example.org', 'example.org'],
    ['mail.example.org.', 'mail.example.org', 'example.org'],
    ['a.b.example.co.uk', 'a.b.example.co.uk', 'example.co.uk'],
    ['bücher.example.org', 'xn--bcher-kva.example.org', 'example.org'],
    ['me.github.io', 'me.github.io', 'me.github.io'],
    ['github.io', 'github.io', null],
    ['co.uk', 'co.uk', null],
    ['localhost', 'localhost', null],
    ['_dmarc.example.org', '_dmarc.example.org', 'example.org'],
    // Only one of the two fits into a name of the DNS.
    [`${'a.'.repeat(123)}example`, null, 'a.example'],
    // Never.
    ['', null, null],
    ['.', null, null],
    ['[192.0.2.1]', null, null],
    ['[IPv6:2001:db8::1]', null, null],
    ['192.0.2.1', null, null],
    ['host.123', null, null],
    ['a..b', null, null],
    ['a b.example.org', null, null],
    [`${'a'.repeat(64)}.example.org`, null, null],
  ];
  for (const [name, host, registered] of cases)
    it(`${name.slice(0, 40) || 'none'}: ${host ?? 'never'}, or by its registered domain ${registered ?? 'never'}`, async () => {
      const behind = (asked: string | null): string | null => (asked === null ? null : `${asked}.${ZONE}`);
      expect(await nameQuestion(name, ZONE)).to.equal(behind(host));
      expect(await nameQuestion(name, ZONE, 'registered')).to.equal(behind(registered));
    });

  it('in a form that the DNS can carry, whatever a client says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('host', 'registered'),
        async (name, asks) => {
          const question = await nameQuestion(name, ZONE, asks);
          return question === null || (queryName(question) === question && question.endsWith(`.${ZONE}`));
        },
      ),
    );
  });
});
