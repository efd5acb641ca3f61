import { expect } from 'chai';
import { listing, listingId, listingOf, type ListAsking } from '../../lib/checks/listing.ts';
import type { ListSubject } from '../../lib/checks/list-subject.ts';
import { NodeResolver } from '../../lib/dns/node-resolver.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import type { ListQuery } from '../../lib/lists/list-health.ts';
import { NetworkSet, parseNetwork } from '../../lib/mail/network.ts';
import type { Finding } from '../../lib/policy/finding.ts';
import { DnsServer } from '../support/dns/dns-server.ts';
import { NO_DNS, SOUND_LISTS } from '../support/materials.ts';
import { client, NEVER, session, type Said } from './session.ts';

const ZONE = [
  '10.2.0.192.bl.example. A 127.0.0.2',
  '10.2.0.192.bl.example. A 127.0.0.4',
  '10.2.0.192.bl.example. TXT "one\tand"',
  '10.2.0.192.bl.example. TXT "another"',
  '11.2.0.192.bl.example. A 203.0.113.80',
  '12.2.0.192.bl.example. SERVFAIL',
  '13.2.0.192.bl.example. TXT "no address"',
  `14.2.0.192.bl.example. TXT "${'x'.repeat(255)}" "${'y'.repeat(255)}"`,
  '14.2.0.192.bl.example. A 127.0.0.2',
  'example.net.dbl.example. A 127.0.1.2',
  'xn--bcher-kva.example.dbl.example. A 127.0.1.2',
];

describe('A DNS list', () => {
  let dns: DnsServer;
  let resolver: NodeResolver;
  let seen: ListQuery[];
  let touched: string[];
  before(async () => {
    dns = await DnsServer.start(ZONE);
    resolver = new NodeResolver({ servers: [dns.address], timeoutMs: 2000 });
  });
  after(() => dns.close());
  beforeEach(() => {
    seen = [];
    touched = [];
    dns.queries.length = 0;
  });

  const ask = async (
    subject: ListSubject,
    zone: string,
    said: Said,
    { explains = true, ...parts }: Partial<ListAsking> & { explains?: boolean } = {},
  ): Promise<Finding> => {
    const asking: ListAsking = {
      resolver,
      health: {
        ...SOUND_LISTS.health,
        touch: (one) => void touched.push(one),
        saw: (_, query) => void seen.push(query),
      },
      elapsed: () => 0,
      mynetworks: new NetworkSet([parseNetwork('10.0.0.0/8')!]),
      ours: null,
      ...parts,
    };
    return listing(
      subject,
      {
        zone,
        alias: zone,
        asked: zone,
        wants: 'host' as const,
        lists: (answers: readonly string[]) => !answers.includes('127.255.255.254'),
      },
      asking,
      () => explains,
    ).run(session(said), NEVER);
  };
  const from = (address: string): Said => ({ client: client({ address }) });

  it('has all its answers told, with what it says of them', async () => {
    const finding = await ask('client', 'bl.example', from('192.0.2.10'));
    expect(finding.result).to.equal('listed');
    expect(finding.facts['answers']?.split(' ').toSorted()).to.deep.equal(['127.0.0.2', '127.0.0.4']);
    expect(finding.facts['text']?.split(' / ').toSorted()).to.deep.equal(['another', 'one and']);
    expect(seen).to.deep.include.members([{ outcome: 'listed', ms: 0, subject: '192.0.2.10' }]);
    expect(touched).to.deep.equal(['bl.example']);
  });

  it('is asked for its text only where somebody is told it', async () => {
    await ask('client', 'bl.example', from('192.0.2.10'), { explains: false });
    await ask('client', 'bl.example', from('192.0.2.99'));
    expect(dns.queries).to.deep.equal(['10.2.0.192.bl.example A', '99.2.0.192.bl.example A']);
  });

  it('may say 500 characters', async () => {
    const { facts } = await ask('client', 'bl.example', from('192.0.2.14'));
    expect(facts['text']).to.have.lengthOf(500);
  });

  it('is counted by what it answers', async () => {
    for (const last of [11, 12, 13, 99]) await ask('client', 'bl.example', from(`192.0.2.${last}`));
    expect(seen.map(({ outcome }) => outcome)).to.deep.equal([
      'outside_127',
      'failed',
      'not_listed',
      'not_listed',
    ]);
  });

  it('is asked again where only our memory has listed it: the mad moment of a list may lie before', async () => {
    const said: string[] = [];
    const answering = (who: string, answer: Answer<string>): Resolver => ({
      ...NO_DNS,
      a: (name) => {
        said.push(`${who} ${name}`);
        return Promise.resolve(answer);
      },
      txt: () => Promise.resolve({ status: 'nodata', ttl: 1 }),
    });
    const old = { status: 'found', records: ['127.0.0.2'], ttl: 1000, remembered: true } as const;
    const remembering = {
      ...answering('memory', old),
      fresh: answering('list', { status: 'nxdomain', ttl: 60 }),
    };
    const finding = await ask('client', 'bl.example', from('192.0.2.10'), { resolver: remembering });
    expect(finding).to.have.property('result', 'not_listed');
    expect(said).to.deep.equal(['memory 10.2.0.192.bl.example', 'list 10.2.0.192.bl.example']);
    expect(seen).to.deep.equal([
      { outcome: 'listed', ms: null, subject: '192.0.2.10' },
      { outcome: 'not_listed', ms: 0, subject: '192.0.2.10' },
    ]);
  });

  it('that answers an error only is not counted as listing anybody', async () => {
    dns.serve([...ZONE, '20.2.0.192.bl.example. A 127.255.255.254']);
    await ask('client', 'bl.example', from('192.0.2.20'));
    dns.serve(ZONE);
    expect(seen.map(({ outcome }) => outcome)).to.deep.equal(['failed']);
  });

  it('that repeats its question in its text tells nobody the key in it', async () => {
    const key = 'a1b2c3d4e5f6g7h8i9j0k1l2m3';
    const asked = `${key}.lists.example`;
    dns.serve([
      `10.2.0.192.${asked}. A 127.0.0.2`,
      `10.2.0.192.${asked}. TXT "see /?q=10.2.0.192.${asked.toUpperCase()} or /key/${key.toUpperCase()}/"`,
    ]);
    const asking: ListAsking = {
      resolver,
      health: SOUND_LISTS.health,
      elapsed: () => 0,
      mynetworks: new NetworkSet([]),
      ours: null,
    };
    const list = {
      zone: '${k}.lists.example',
      alias: 'lists.example',
      asked,
      wants: 'host' as const,
      lists: () => true,
    };
    const { facts } = await listing('client', list, asking, () => true).run(
      session(from('192.0.2.10')),
      NEVER,
    );
    dns.serve(ZONE);
    expect(facts['text']).to.equal('see /?q=10.2.0.192.lists.example or /key/KEY/');
  });

  it('could not tell if the lookup failed', async () => {
    const finding = await ask('client', 'bl.example', from('192.0.2.12'));
    expect(finding).to.deep.equal({ result: 'temperror', facts: { why: 'SERVFAIL' } });
  });

  it('is asked about names as the DNS has them', async () => {
    expect(await ask('sender', 'dbl.example', { from: '<a@EXAMPLE.net>' })).to.have.property(
      'result',
      'listed',
    );
    expect(await ask('sender', 'dbl.example', { from: '<a@bücher.example>' })).to.have.property(
      'result',
      'listed',
    );
    expect(await ask('helo', 'dbl.example', { helo: 'example.net' })).to.have.property('result', 'listed');
    expect(
      await ask('reverse_client', 'dbl.example', { client: client({ ptr: 'example.net', name: null }) }),
    ).to.have.property('result', 'listed');
  });

  const nobody: readonly [title: string, subject: ListSubject, said: Said][] = [
    ['our own networks', 'client', from('10.1.2.3')],
    ['the null sender', 'sender', { from: '<>' }],
    ['a sender without domain', 'sender', { from: '<alice>' }],
    ['an address literal', 'sender', { from: '<alice@[192.0.2.1]>' }],
    ['a HELO that is a literal', 'helo', { helo: '[192.0.2.1]' }],
    ['a HELO that is an address', 'helo', { helo: '192.0.2.1' }],
    ['no HELO', 'helo', { helo: null }],
    ['a name that nobody has verified', 'client_name', { client: client({ name: null }) }],
    ['no PTR', 'reverse_client', { client: client({ ptr: null, name: null }) }],
    ['a name that no query can hold', 'helo', { helo: `${'a.'.repeat(122)}example.net` }],
  ];
  for (const [title, subject, said] of nobody)
    it(`is not asked about ${title}`, async () => {
      expect(await ask(subject, 'bl.example', said)).to.have.property('result', 'not_listed');
      expect(dns.queries).to.deep.equal([]);
    });

  it('is not asked about our own domains, but about others', async () => {
    const ours = (domain: string): Promise<boolean> => Promise.resolve(domain === 'example.net');
    expect(await ask('sender', 'dbl.example', {}, { ours })).to.have.property('result', 'not_listed');
    expect(dns.queries).to.deep.equal([]);
    await ask('sender', 'dbl.example', { from: '<a@example.com>' }, { ours: () => false });
    expect(dns.queries).to.deep.equal(['example.com.dbl.example A']);
  });

  it('whose key is missing can not tell, and names no key', async () => {
    const list = {
      zone: '${dqs}.zen.dq.spamhaus.net',
      alias: 'zen.dq.spamhaus.net',
      asked: null,
      wants: 'host' as const,
      lists: () => true,
    };
    const asking: ListAsking = {
      resolver,
      health: SOUND_LISTS.health,
      elapsed: () => 0,
      mynetworks: new NetworkSet([]),
      ours: null,
    };
    const finding = await listing('client', list, asking, () => true).run(session({}), NEVER);
    expect(finding).to.deep.equal({
      result: 'temperror',
      facts: { why: 'there is no key for zen.dq.spamhaus.net' },
    });
  });

  it('is known again by the id of its check', () => {
    expect(listingOf(listingId('helo', 'dbl.example'))).to.deep.equal({
      subject: 'helo',
      zone: 'dbl.example',
    });
    expect(listingOf('client 192.0.2.1 in x y')).to.equal(null);
    expect(listingOf('client in')).to.equal(null);
  });
});
