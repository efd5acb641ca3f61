/** What a resolver hears of DNS lists that are served by rbldnsd, as operators serve them, and through unbound. */

import { expect } from 'chai';
import { CachingResolver, oneLane } from '../../lib/dns/caching-resolver.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { Rbldnsd, TEST_POINTS, THE_WORLD, type ListZone } from '../support/dns/rbldnsd.ts';
import { requiresServers } from '../support/dns/real-server.ts';
import { Unbound } from '../support/dns/unbound.ts';

const now = (): number => performance.now();
const NEVER = new AbortController().signal;

const ZONES: Readonly<Record<string, ListZone>> = {
  'bl.example': {
    ip4set: [
      ':127.0.0.2:Listed, see https://bl.example/lookup?ip=$',
      ...TEST_POINTS.ip4set,
      '192.0.2.0/24',
      '!192.0.2.66',
      '198.51.100.7 :127.0.0.4:Open "proxy" at $',
      '198.51.100.7 :127.0.0.10:Dial-up',
      '198.51.100.8 :127.0.0.3:',
    ],
    ip6trie: [
      ':127.0.0.2:Listed, see https://bl.example/lookup?ip=$',
      ...TEST_POINTS.ip6trie,
      '2001:db8::/32',
      '!2001:db8:1::1',
    ],
  },
  'trivial.example': { ip4tset: [':127.0.0.2:$ is open', ...TEST_POINTS.ip4tset, '192.0.2.10'] },
  'names.example': {
    dnset: [
      ':127.0.1.2:$ sends spam',
      ...TEST_POINTS.dnset,
      '.spam.example',
      '!good.spam.example',
      '*.host.example',
    ],
  },
  'written.example': {
    generic: [
      '2.0.0.127 A 127.0.0.2',
      '10.2.0.192 60 A 127.0.0.2',
      '10.2.0.192 60 A 127.0.0.3',
      '10.2.0.192 60 A 127.0.0.4',
      '10.2.0.192 TXT one reason',
      '10.2.0.192 TXT another reason',
    ],
  },
};

/** unbound's own records: rbldnsd makes one string of a TXT record. */
const SEVERAL_STRINGS = [
  'strings.example. 60 IN TXT "one " "record" ""',
  'strings.example. 60 IN TXT "another"',
];

const REVERSED = {
  '127.0.0.2': '2.0.0.127',
  '127.0.0.1': '1.0.0.127',
  '192.0.2.10': '10.2.0.192',
  '192.0.2.66': '66.2.0.192',
  '198.51.100.7': '7.100.51.198',
  '198.51.100.8': '8.100.51.198',
  '::ffff:127.0.0.2': '2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0',
  '::ffff:127.0.0.1': '1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0',
  '2001:db8::1': '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2',
  '2001:db8:1::1': '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2',
} as const;

type Case = readonly [
  says: string,
  name: string,
  a: readonly string[] | null,
  txt?: readonly string[] | null,
];

const see = (address: string): string => `Listed, see https://bl.example/lookup?ip=${address}`;

/** Null: no such name; an empty array: a name without such a record. */
const CASES: readonly Case[] = [
  [
    'an ip4set lists its test point',
    `${REVERSED['127.0.0.2']}.bl.example`,
    ['127.0.0.2'],
    [see('127.0.0.2')],
  ],
  ['an ip4set does not list 127.0.0.1', `${REVERSED['127.0.0.1']}.bl.example`, null, null],
  ['an ip4set lists a network', `${REVERSED['192.0.2.10']}.bl.example`, ['127.0.0.2'], [see('192.0.2.10')]],
  ['an ip4set leaves out what is excluded', `${REVERSED['192.0.2.66']}.bl.example`, null, null],
  [
    'an ip4set gives every answer and every reason',
    `${REVERSED['198.51.100.7']}.bl.example`,
    ['127.0.0.10', '127.0.0.4'],
    ['Dial-up', 'Open "proxy" at 198.51.100.7'],
  ],
  ['an ip4set may give no reason', `${REVERSED['198.51.100.8']}.bl.example`, ['127.0.0.3'], []],
  [
    'an ip6trie lists its test point',
    `${REVERSED['::ffff:127.0.0.2']}.bl.example`,
    ['127.0.0.2'],
    [see('127.0.0.2')],
  ],
  ['an ip6trie does not list ::ffff:127.0.0.1', `${REVERSED['::ffff:127.0.0.1']}.bl.example`, null, null],
  [
    'an ip6trie lists a network',
    `${REVERSED['2001:db8::1']}.bl.example`,
    ['127.0.0.2'],
    [see('2001:db8::1')],
  ],
  ['an ip6trie leaves out what is excluded', `${REVERSED['2001:db8:1::1']}.bl.example`, null, null],
  ['an ip4tset lists its test point', `${REVERSED['127.0.0.2']}.trivial.example`, ['127.0.0.2']],
  ['an ip4tset does not list 127.0.0.1', `${REVERSED['127.0.0.1']}.trivial.example`, null],
  [
    'an ip4tset lists an address',
    `${REVERSED['192.0.2.10']}.trivial.example`,
    ['127.0.0.2'],
    ['192.0.2.10 is open'],
  ],
  ['a dnset lists test', 'test.names.example', ['127.0.1.2'], ['test sends spam']],
  ['a dnset does not list invalid', 'invalid.names.example', null, null],
  ['a dnset lists a domain', 'spam.example.names.example', ['127.0.1.2'], ['spam.example sends spam']],
  ['a dnset lists what is below a domain', 'a.b.spam.example.names.example', ['127.0.1.2']],
  ['a dnset leaves out what is excluded', 'good.spam.example.names.example', null],
  ['a dnset can list only what is below', 'host.example.names.example', null],
  ['a dnset knows no capitals', 'Spam.EXAMPLE.names.example', ['127.0.1.2']],
  ['a generic zone lists its test point', `${REVERSED['127.0.0.2']}.written.example`, ['127.0.0.2'], []],
  ['a generic zone does not list 127.0.0.1', `${REVERSED['127.0.0.1']}.written.example`, null],
  [
    'a generic zone gives every record',
    `${REVERSED['192.0.2.10']}.written.example`,
    ['127.0.0.2', '127.0.0.3', '127.0.0.4'],
    ['another reason', 'one reason'],
  ],
];

function recordsOf(answer: Answer<string>): readonly string[] | null {
  switch (answer.status) {
    case 'found':
      return answer.records.toSorted();
    case 'nodata':
      return [];
    case 'nxdomain':
      return null;
    case 'temperror':
      throw new Error(`the lookup failed: ${answer.why}`);
  }
}

const RESOLVERS: Readonly<Record<string, (server: string, timeoutMs?: number) => Resolver>> = {
  "Node's resolver": (server, timeoutMs = 5000) => new NodeResolver({ servers: [server], timeoutMs }),
  'our own': (server, timeoutMs = 5000) =>
    new CachingResolver(oneLane(new StubResolver({ servers: [server], timeoutMs, now })), { now }),
};

for (const [name, open] of Object.entries(RESOLVERS))
  describe(`DNS lists of a real server, asked by ${name}`, () => {
    let rbldnsd: Rbldnsd;
    let unbound: Unbound;
    const resolvers: Record<string, Resolver> = {};

    before(async function () {
      requiresServers(this, ['rbldnsd', 'unbound']);
      rbldnsd = await Rbldnsd.start(ZONES);
      unbound = await Unbound.start({
        upstream: [{ zones: rbldnsd.zones, port: rbldnsd.port }],
        localData: SEVERAL_STRINGS,
      });
      resolvers['directly'] = open(rbldnsd.address);
      resolvers['through unbound'] = open(unbound.address);
    });
    after(async () => {
      await unbound?.close();
      await rbldnsd?.close();
    });

    for (const way of ['directly', 'through unbound'])
      for (const [says, asked, a, txt] of CASES)
        it(`${way}: ${says}`, async () => {
          expect(recordsOf(await resolvers[way]!.a(asked, NEVER))).to.deep.equal(a);
          if (txt !== undefined)
            expect(recordsOf(await resolvers[way]!.txt(asked, NEVER))).to.deep.equal(txt);
        });

    it('makes one reason of a record of several strings', async () => {
      const answer = await resolvers['through unbound']!.txt('strings.example', NEVER);
      expect(recordsOf(answer)).to.deep.equal(['another', 'one record']);
    });

    describe('that changes', () => {
      const asked = '9.2.0.192.changing.example';
      let changing: Rbldnsd;
      let between: Unbound;
      beforeEach(async () => {
        changing = await Rbldnsd.start({ 'changing.example': { ip4set: TEST_POINTS.ip4set } });
        between = await Unbound.start({ upstream: [{ zones: changing.zones, port: changing.port }] });
      });
      afterEach(async () => {
        await between?.close();
        await changing?.close();
      });

      it('is heard to list what it lists now, and through unbound what unbound has kept', async () => {
        for (const server of [changing.address, between.address])
          expect(recordsOf(await open(server).a(asked, NEVER))).to.equal(null);
        await changing.serve('changing.example', { ip4set: THE_WORLD });
        expect(recordsOf(await open(changing.address).a(asked, NEVER))).to.deep.equal(['127.0.0.2']);
        expect(recordsOf(await open(between.address).a(asked, NEVER))).to.equal(null);
        const fresh = '8.2.0.192.changing.example';
        expect(recordsOf(await open(between.address).a(fresh, NEVER))).to.deep.equal(['127.0.0.2']);
      });

      it('can not be told when it is killed, and can again when it is back', async () => {
        await changing.kill();
        expect(await open(changing.address).a(asked, NEVER)).to.include({ status: 'temperror' });
        await changing.startAgain();
        expect(recordsOf(await open(changing.address).a(asked, NEVER))).to.equal(null);
      });

      it('can not be told when it falls silent, and can again when it speaks', async () => {
        const hasty = open(changing.address, 200);
        changing.fallSilent();
        expect(await hasty.a(asked, NEVER)).to.include({ status: 'temperror' });
        changing.speak();
        expect(recordsOf(await open(changing.address).a(asked, NEVER))).to.equal(null);
      });
    });
  });
