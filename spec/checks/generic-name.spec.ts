import { expect } from 'chai';
import { genericReverseClientHostname } from '../../lib/checks/generic-reverse-client-hostname.ts';
import type { NameKind } from '../../lib/checks/generic-name.ts';
import { client, NEVER, session } from './session.ts';

type Case = readonly [name: string, kind: NameKind, address?: string];

describe("A client's PTR name", () => {
  const cases: readonly Case[] = [
    // Somebody named a host.
    ['mail.example.org', 'named'],
    ['mx1.example.org', 'named'],
    ['mta-3.example.org', 'named'],
    ['smtp-out-12.example.org', 'named'],
    ['example.org', 'named'],
    ['h1.example.org', 'named'],
    ['server17.example.org', 'named'],
    ['vps1234.example.org', 'named'],
    ['mail-ed1-f41.example.com', 'named'],
    ['a8-30.smtp-out.example.com', 'named'],
    ['mta-192-0-2-1.example.net', 'named'],
    ['o1.192-0-2-1.outbound-mail.example.net', 'named'],
    ['static-17.example.net', 'named'],
    ['www.dsl.example.net', 'named'],
    ['dsl1.example.org', 'named'],
    ['gw2.cable.co.uk', 'named'],
    ['dynamo1.example.org', 'named'],
    ['host-2.example.org', 'named'],
    ['node1234.example.org', 'named'],
    ['1.2.example.org', 'named'],
    ['', 'named'],
    ['.', 'named'],
    // Words of a pool, and numbers.
    ['ppp-17.pool.example.net', 'pool'],
    ['dsl1234.example.net', 'pool'],
    ['dhcp-17-4.example.net', 'pool'],
    ['cable-0-2.example.net', 'pool'],
    ['dyn-192-0-2-1.example.net', 'pool'],
    ['192-0-2-1.dynamic.example.co.uk', 'pool'],
    ['c0000201.dip0.example.de', 'pool'],
    ['p5b0a1234.dip0.example.de', 'pool', '91.10.18.52'],
    ['cust-2-1.example.net', 'pool'],
    ['host1-2.example.net', 'pool'],
    // The address and nothing else.
    ['192-0-2-1.example.net', 'address'],
    ['1.2.0.192.example.net', 'address'],
    ['host-192-0-2-1.example.net', 'address'],
    ['ip192000002001.example.net', 'address'],
    ['c0000201.example.net', 'address'],
    ['h3221225985.example.net', 'address'],
    ['x10203040.example.net', 'address', '16.32.48.64'],
    ['2001-db8--10.example.net', 'address', '2001:db8::10'],
    ['20010db8000000000000000000000010.example.net', 'address', '2001:db8::10'],
    [
      '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.example.net',
      'address',
      '2001:db8::10',
    ],
    ['2001-db8.example.net', 'named', '2001:db8::10'],
    // A fixed line or a server, numbered by its provider.
    ['static.1.2.0.192.example.net', 'static'],
    ['vps-192-0-2-1.example.net', 'static'],
    ['ec2-192-0-2-1.compute-1.example.com', 'static'],
    ['dsl-192-0-2-1.static.example.net', 'static'],
    // A word that may be a place, behind the words of a pool.
    ['192-0-2-1.dynamic.dc.example.net', 'pool'],
    ['192-0-2-1.dynamic.lists.example.net', 'pool'],
    ['192-0-2-1.dsl.mx.example.net', 'pool'],
    ['dyn-192-0-2-1.news.example.net', 'pool'],
    ['192-0-2-1.cable.vm.example.net', 'pool'],
    ['p5b0a1234.dip0.ec.example.net', 'pool', '91.10.18.52'],
    ['pppoe-2-1.pop.example.net', 'pool'],
    ['host-192-0-2-1.pool.exchange.example.net', 'pool'],
    // The same words, where they say what they say elsewhere.
    ['192-0-2-1.lists.example.net', 'named'],
    ['mail-192-0-2-1.lists.example.net', 'named'],
    ['mail-192-0-2-1.pool.lists.example.net', 'named'],
    ['192-0-2-1.pool.smtp-out.example.net', 'named'],
    ['mx-192-0-2-1.dsl.example.net', 'named'],
    ['news.dsl.example.net', 'named'],
    ['mx4.pool.example.net', 'named'],
    ['a17-4.pool.news.example.net', 'named'],
    ['192-0-2-1.dc.example.net', 'static'],
    ['192-0-2-1-stat.dsl.example.net', 'static'],
    ['192-0-2-1.static.dynamic.example.net', 'static'],
    ['vps-192-0-2-1.pool.dc.example.net', 'static'],
  ];
  for (const [name, kind, address = '192.0.2.1'] of cases) {
    it(`${name} at ${address} is ${kind}`, () => {
      const given = session({ client: client({ address, ptr: name }) });
      expect(genericReverseClientHostname.run(given, NEVER)).to.deep.equal({
        result: kind,
        facts: { address, ptr: name },
      });
    });
  }

  it('is judged by its words alone when the MTA gave no address', () => {
    const given = session({ client: client({ address: 'none', ptr: 'ppp-17.pool.example.net' }) });
    expect(genericReverseClientHostname.run(given, NEVER)).to.include({ result: 'pool' });
  });

  it('is not judged when there is none', () => {
    const given = session({ client: client({ ptr: null, name: null, resolve: 'fail' }) });
    expect(genericReverseClientHostname.run(given, NEVER)).to.deep.equal({
      result: 'none',
      facts: { address: '192.0.2.10' },
    });
  });
});
