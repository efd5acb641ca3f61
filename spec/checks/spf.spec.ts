/** What the checks of SPF find and keep, and when they are asked. */

import { expect } from 'chai';
import { spfHelo, spfMailFrom, spfSkipDomains, type SpfAsking } from '../../lib/checks/spf.ts';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { NetworkSet, parseAddress, parseNetwork } from '../../lib/mail/network.ts';
import { NOBODY, type AtMail, type Client } from '../../lib/mail/session.ts';
import type { Event } from '../../lib/observe/event.ts';
import type { Finding } from '../../lib/policy/finding.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { RememberingEvaluator } from '../../lib/spf/remembering-evaluator.ts';
import { Dialogue } from '../support/dialogue.ts';

const ZONE = [
  'example.net. TXT "v=spf1 ip4:198.51.100.7 -all exp=why.example.net"',
  'why.example.net. TXT "because"',
  'all.example.net. TXT "v=spf1 +all"',
  'no-mail.example.net. TXT "v=spf1 -all"',
  'trusted.example.net. TXT "v=spf1 ip4:198.51.100.7 -all"',
  'wrong.example.net. TXT "v=spf1 nonsense"',
];

function session(from: string, client: Partial<Client> = {}, rest: Partial<AtMail> = {}): AtMail {
  return {
    id: 'one',
    client: { ...NOBODY, address: parseAddress('198.51.100.7'), ...client },
    helo: 'example.net',
    tls: null,
    sender: parseMailbox(from),
    auth: null,
    size: null,
    ...rest,
  };
}

const resolver = zoneResolver(ZONE);
const evaluator = new MailauthEvaluator(resolver);
const asking: SpfAsking = {
  evaluator,
  resolver,
  mynetworks: new NetworkSet([parseNetwork('203.0.113.0/24')!]),
  skips: { networks: new NetworkSet([]), helo: [], domains: [], ptr: [] },
  receiver: 'mx.example.org',
  deadlineMs: 6000,
};

async function finds(at: AtMail): Promise<Finding> {
  return spfMailFrom(asking).run(at, NEVER);
}

const STRANGER = { address: parseAddress('198.51.100.99') };

describe('The checks of SPF', () => {
  const rows: readonly (readonly [AtMail, Finding])[] = [
    [
      session('alice@example.net'),
      {
        result: 'pass',
        facts: {
          domain: 'example.net',
          lookups: '0',
          mechanism: 'ip4:198.51.100.7',
          record: ZONE[0]!.split('"')[1]!,
        },
      },
    ],
    [
      session('alice@example.net', STRANGER),
      {
        result: 'fail',
        facts: {
          domain: 'example.net',
          lookups: '0',
          mechanism: 'all',
          explanation: 'because',
          record: ZONE[0]!.split('"')[1]!,
        },
      },
    ],
    [
      session('alice@all.example.net'),
      {
        result: 'pass',
        facts: {
          domain: 'all.example.net',
          lookups: '0',
          mechanism: 'all',
          record: 'v=spf1 +all',
          wide: 'yes',
        },
      },
    ],
    [
      session('alice@no-mail.example.net'),
      {
        result: 'fail',
        facts: {
          domain: 'no-mail.example.net',
          lookups: '0',
          mechanism: 'all',
          record: 'v=spf1 -all',
          no_mail: 'yes',
        },
      },
    ],
    [
      session('alice@wrong.example.net'),
      {
        result: 'permerror',
        facts: { domain: 'wrong.example.net', lookups: '0', why: 'Unknown mechanism "nonsense"' },
      },
    ],
    [
      session('alice@none.example.net'),
      {
        result: 'none',
        facts: {
          domain: 'none.example.net',
          lookups: '0',
          why: 'no SPF records found for none.example.net',
        },
      },
    ],
    [session('alice@[198.51.100.7]'), { result: 'none', facts: { why: 'there is no domain to ask about' } }],
    [
      session('alice@example.net', { address: null }),
      { result: 'none', facts: { skipped: 'the MTA gave no client address' } },
    ],
    [
      session('alice@example.net', { submitted: true }),
      { result: 'none', facts: { skipped: 'not received over SMTP' } },
    ],
    [
      session('alice@example.net', { address: parseAddress('203.0.113.7') }),
      { result: 'none', facts: { skipped: 'client in mynetworks' } },
    ],
    [
      session('alice@example.net', STRANGER, { auth: 'alice' }),
      { result: 'none', facts: { skipped: 'authenticated' } },
    ],
  ];
  for (const [at, finding] of rows)
    it(`find ${finding.result} ${JSON.stringify(finding.facts)}`, async () => {
      expect(await finds(at)).to.deep.equal(finding);
    });

  it('ask about the HELO by its own name', async () => {
    const finding = await spfHelo(asking).run(session('alice@none.example.net'), NEVER);
    expect(finding)
      .to.deep.include({ result: 'pass' })
      .and.have.nested.property('facts.domain', 'example.net');
  });

  const config = 'policy: [check_spf]\nspf: { temperror: defer }\n';

  async function dialogue(asked: Resolver, sink: (event: Event) => void = () => {}): Promise<Dialogue> {
    return Dialogue.open({ config, store: openMemoryStore(), now: () => 0, sink, resolver: asked });
  }

  it('are begun as soon as their facts are known', async () => {
    let wake: (name: string) => void = () => {};
    const next = (): Promise<string> => new Promise((resolve) => (wake = resolve));
    const watched: Resolver = {
      ...resolver,
      txt(name, signal) {
        wake(name);
        return resolver.txt(name, signal);
      },
    };
    const client = await dialogue(watched);
    await client.says('CONNECT 198.51.100.7 unknown');
    const first = next();
    await client.says('HELO no-mail.example.net');
    expect(await first).to.equal('no-mail.example.net');
    const second = next();
    await client.says('MAIL FROM:<alice@example.net>');
    expect(await second).to.equal('example.net');
    client.close();
  });

  it('end all together when the time is over, and what was found by then counts', async () => {
    const inTime: string[] = [];
    const silent: Resolver = {
      ...resolver,
      txt(name, signal) {
        if (!signal.aborted) inTime.push(name);
        const answer = { status: 'temperror', why: 'no answer' } as const;
        return new Promise((resolve) => {
          if (signal.aborted) resolve(answer);
          signal.addEventListener('abort', () => resolve(answer));
        });
      },
    };
    const skips = { ...asking.skips, helo: ['relay.example'] };
    const slow = { ...asking, evaluator: new MailauthEvaluator(silent), skips, deadlineMs: 10 };
    const finding = await spfMailFrom(slow).run(session('alice@example.net'), NEVER);
    expect(finding)
      .to.deep.include({ result: 'temperror' })
      .and.have.nested.property('facts.domain', 'example.net');
    expect(inTime).to.deep.equal(['example.net']);
  });

  describe('ask about skip_domains', () => {
    const friends = ['silent.example', 'broken.example', 'friend.example', 'other.example'];
    const records = [
      ...ZONE,
      'friend.example. TXT "v=spf1 ip4:198.51.100.99 -all"',
      'other.example. TXT "v=spf1 ip4:198.51.100.99 -all"',
      'soft.example.net. TXT "v=spf1 ~all"',
      'example.com. TXT "v=spf1 include:a.example.com include:b.example.com include:c.example.com -all"',
    ];
    const SLOW = /^(?:silent|[abc])\.example/;

    /** The domains that were asked, in their order; of the slow ones nothing comes before the time is over. */
    function watched(): { readonly asked: string[]; readonly dns: Resolver } {
      const zone = zoneResolver(records);
      const asked: string[] = [];
      const txt: Resolver['txt'] = (name, signal) => {
        asked.push(name);
        if (!SLOW.test(name)) return zone.txt(name, signal);
        const answer = { status: 'temperror', why: 'no answer' } as const;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(answer)));
      };
      return { asked, dns: { ...zone, txt } };
    }

    async function heard(config: string, from: string, dns: Resolver): Promise<string | null> {
      const skips = `spf: { skip_domains: [${friends.join(', ')}], temperror: defer }`;
      const client = await Dialogue.open({
        ...{ config: `${config}\n${skips}`, store: openMemoryStore(), now: () => 0, sink: () => {} },
        resolver: dns,
      });
      await client.says('CONNECT 198.51.100.99 unknown');
      await client.says(`MAIL FROM:<${from}>`);
      const { reply } = await client.says('RCPT TO:<bob@example.org>');
      client.close();
      return reply;
    }

    it('all at once, and wait for no other where one vouches', async () => {
      const { asked, dns } = watched();
      expect(await heard('policy: [check_spf]', 'alice@example.net', dns)).to.equal(null);
      expect(asked.filter((name) => friends.includes(name))).to.have.members(friends);
    });

    it('not where nothing would be refused by it', async () => {
      const { asked, dns } = watched();
      expect(await heard('policy: [check_spf]', 'alice@soft.example.net', dns)).to.equal(null);
      expect(asked).to.deep.equal(['soft.example.net']);
    });

    it('for a rule with spf: too, which does not hold for a forwarder, either way', async () => {
      const { dns } = watched();
      for (const fact of ['{ spf: softfail }', '{ not: { spf: pass } }'])
        expect(
          await heard(`policy: [{ when: ${fact}, then: reject }]`, 'alice@soft.example.net', dns),
        ).to.equal(null);
    });

    it('and tell which it was', async () => {
      const evaluator = new MailauthEvaluator(watched().dns);
      const skips = { ...asking.skips, domains: friends };
      const at = session('alice@example.net', STRANGER);
      expect(await spfSkipDomains({ ...asking, evaluator, skips }).run(at, NEVER)).to.deep.equal({
        result: 'yes',
        facts: { domain: 'friend.example' },
      });
      const dead = { ...skips, domains: ['silent.example'] };
      const late = {
        ...asking,
        evaluator: new MailauthEvaluator(watched().dns),
        skips: dead,
        deadlineMs: 10,
      };
      expect(await spfSkipDomains(late).run(at, NEVER)).to.have.property('result', 'temperror');
    });
  });

  it('tell which entry spares them', async () => {
    const skips = {
      ...{ networks: new NetworkSet([parseNetwork('192.0.2.0/24')!, parseNetwork('198.51.100.96/29')!]) },
      ...{ helo: ['relay.example'], domains: [], ptr: ['lists.example'] },
    };
    const zone = zoneResolver([...ZONE, 'relay.example. A 198.51.100.66']);
    const why = async (client: Partial<Client>, helo: string): Promise<string | undefined> => {
      const at = session('alice@example.net', client, { helo });
      const asked = { ...asking, skips, resolver: zone, evaluator: new MailauthEvaluator(zone) };
      return (await spfMailFrom(asked).run(at, NEVER)).facts['skipped'];
    };
    expect(await why(STRANGER, 'x')).to.equal('skip_networks: 198.51.100.96/29');
    const other = parseAddress('198.51.100.66');
    expect(await why({ address: other }, 'Relay.example')).to.equal('skip_helo: relay.example');
    expect(await why({ address: other, name: 'mx.lists.example' }, 'x')).to.equal('skip_ptr: lists.example');
  });

  it('ask the DNS once for what the next session wants to know too', async () => {
    const names: string[] = [];
    const counted: Resolver = {
      ...resolver,
      txt(name, signal) {
        names.push(name);
        return resolver.txt(name, signal);
      },
    };
    const client = await dialogue(counted);
    for (let n = 0; n < 2; n++) {
      await client.says('CONNECT 198.51.100.99 unknown');
      await client.says('HELO no-mail.example.net');
      await client.says('MAIL FROM:<alice@example.net>');
      expect(JSON.stringify(await client.says('RCPT TO:<bob@example.org>'))).to.match(/550/);
    }
    client.close();
    expect(names.toSorted()).to.deep.equal(['example.net', 'no-mail.example.net', 'why.example.net']);
  });

  describe('find what is remembered at once', () => {
    const remembering = { ...asking, evaluator: new RememberingEvaluator(evaluator, { now: () => 0 }) };
    const check = spfMailFrom(remembering);

    it('and the same', async () => {
      for (const client of [{}, STRANGER]) {
        const at = session('alice@example.net', client);
        const first = check.run(at, NEVER);
        expect(first).to.be.instanceOf(Promise);
        const finding = await first;
        expect(check.run(at, NEVER)).to.deep.equal(finding);
      }
    });
  });

  it('that are broken are no temperror of SPF: mail goes on', async () => {
    const events: Event[] = [];
    const broken: Resolver = { ...resolver, txt: () => Promise.reject(new Error('a bug')) };
    const client = await dialogue(broken, (event) => void events.push(event));
    await client.says('CONNECT 198.51.100.7 unknown');
    await client.says('HELO no-mail.example.net');
    await client.says('MAIL FROM:<alice@example.net>');
    const heard = await client.says('RCPT TO:<bob@example.org>');
    expect(JSON.stringify(heard)).not.to.match(/451|550/);
    expect(events.map(({ kind }) => kind)).to.include('bug');
    client.close();
  });
});
