/** What the evaluator says beyond the suite of RFC 7208: who is asked about, limits, time, explanations, wide records. */

import { createRequire, registerHooks } from 'node:module';
import { expect } from 'chai';
import { CachingResolver, oneLane } from '../../lib/dns/caching-resolver.ts';
import { NEVER, type Resolver } from '../../lib/dns/resolver.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { parseMailbox } from '../../lib/mail/mailbox.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import type { SpfFound, SpfIdentity, SpfLimits } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';
import { DnsServer } from '../support/dns/dns-server.ts';

describe('The evaluator of SPF', () => {
  let dns: DnsServer;
  let resolver: Resolver;
  before(async () => (dns = await DnsServer.start([])));
  after(() => dns.close());
  beforeEach(() => {
    dns.queries.length = 0;
    const now = (): number => performance.now();
    resolver = new CachingResolver(
      oneLane(new StubResolver({ servers: [dns.address], timeoutMs: 5000, now })),
      {
        now,
      },
    );
  });

  interface Asked {
    readonly identity?: SpfIdentity;
    readonly ip?: string;
    readonly helo?: string | null;
    readonly from?: string;
    readonly limits?: SpfLimits;
    readonly explain?: boolean;
    readonly signal?: AbortSignal;
    /** The octets of those who are tried. */
    readonly strangers?: readonly (readonly number[])[];
  }

  function ask({
    identity = 'mailfrom',
    ip = '192.0.2.10',
    helo = 'mx.example.net',
    from = 'alice@example.net',
    limits,
    explain = true,
    signal = NEVER,
    strangers = STRANGERS,
  }: Asked = {}): Promise<SpfFound> {
    let tried = 0;
    const evaluator = new MailauthEvaluator(resolver, {
      explain,
      random: () => Uint8Array.from(strangers[tried++]!),
      ...(limits === undefined ? {} : { limits }),
    });
    return evaluator.evaluate(
      { identity, ip: parseAddress(ip)!, helo, sender: parseMailbox(from), receiver: 'mx.example.org' },
      signal,
    );
  }

  /** 17.1.2.3, 217.4.5.6 and 200.7.8.9: the first octet is how far it is among the /8s. */
  const STRANGERS = [
    [15, 1, 2, 3],
    [208, 4, 5, 6],
    [192, 7, 8, 9],
  ];
  /** 2a01:203:…, 2600:2:… and 2003:0:…: the last octet is the network's place. */
  const IPV6_STRANGERS = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 11],
    [0, 0, 0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 8],
    [0, 0, 0, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 5],
  ];

  const mxOf = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `example.net. MX ${i} m.example.net.`);

  const LIMITS = { lookups: 10, voidLookups: 2, deadlineMs: 5000 };

  describe('asks about', () => {
    it('the domain of the sender, or that of the HELO', async () => {
      dns.serve(['example.net. TXT "v=spf1 -all"', 'mx.example.net. TXT "v=spf1 ip4:192.0.2.10 -all"']);
      expect(await ask()).to.include({ result: 'fail', domain: 'example.net', noMail: true });
      expect(await ask({ identity: 'helo' })).to.include({ result: 'pass', domain: 'mx.example.net' });
      // The null sender is postmaster at the HELO.
      expect(await ask({ from: '<>' })).to.include({ result: 'pass', domain: 'mx.example.net' });
    });

    for (const helo of [
      '[192.0.2.10]',
      '[IPv6:2001:db8::1]',
      'localhost',
      '192.0.2.10',
      '',
      'a..example.net',
      null,
    ])
      it(`nothing for a HELO ${JSON.stringify(helo)}`, async () => {
        const found = await ask({ identity: 'helo', helo });
        expect(found).to.include({ result: 'none', domain: null });
        expect(dns.queries).to.deep.equal([]);
      });

    it('the mailbox that is meant, quoted or not', async () => {
      dns.serve([
        'example.net. TXT "v=spf1 -all exp=%{l}.why.example.net"',
        'bob.why.example.net. TXT "%{s}"',
      ]);
      for (const from of ['<bob@example.net>', '<"bob"@example.net>', '<"b\\ob"@example.net>'])
        expect(await ask({ from })).to.include({ explanation: 'bob@example.net' });
    });

    it('names with an underscore, and names in other scripts by their A-labels', async () => {
      dns.serve(['my_mx.example.net. TXT "v=spf1 -all"', 'xn--bcher-kva.example. TXT "v=spf1 ?all"']);
      expect(await ask({ identity: 'helo', helo: 'my_mx.example.net.' })).to.include({ result: 'fail' });
      expect(await ask({ from: 'alice@bücher.example' })).to.include({
        result: 'neutral',
        domain: 'xn--bcher-kva.example',
      });
    });
  });

  describe('tells which mechanism matched:', () => {
    const rows: readonly (readonly [record: string, mechanism: string])[] = [
      ['ip4:198.51.100.0/24 ip4:192.0.2.0/24 -all', 'ip4:192.0.2.0/24'],
      ['include:_spf.example.net -all', 'include:_spf.example.net'],
      ['mx -all', 'mx'],
      ['-all', 'all'],
      ['ip4:198.51.100.1', 'default'],
      ['redirect=_spf.example.net', 'ip4:192.0.2.10'],
    ];
    for (const [record, mechanism] of rows)
      it(`${record} → ${mechanism}`, async () => {
        dns.serve([
          `example.net. TXT "v=spf1 ${record}"`,
          'example.net. MX 10 mx.example.net.',
          'mx.example.net. A 192.0.2.10',
          '_spf.example.net. TXT "v=spf1 ip4:192.0.2.10 -all"',
        ]);
        expect((await ask()).mechanism).to.equal(mechanism);
      });
  });

  describe('keeps the limits', () => {
    it('of terms that ask the DNS', async () => {
      const includes = (count: number): string[] => [
        `example.net. TXT "v=spf1 ${Array.from({ length: count }, (_, i) => `include:i${i}.example.net`).join('" " ')} -all"`,
        ...Array.from({ length: count }, (_, i) => `i${i}.example.net. TXT "v=spf1 ?all"`),
      ];
      dns.serve(includes(10));
      expect(await ask()).to.include({ result: 'fail', lookups: 10 });
      dns.serve(includes(11));
      resolver = (resolver as CachingResolver).fresh;
      expect(await ask()).to.include({ result: 'permerror', why: 'more than 10 lookups' });
      expect(await ask({ limits: { ...LIMITS, lookups: 11 } })).to.include({ result: 'fail', lookups: 11 });
    });

    it('of lookups that find nothing', async () => {
      dns.serve(['example.net. TXT "v=spf1 a:a.example.net a:b.example.net a:c.example.net -all"']);
      expect(await ask()).to.include({ result: 'permerror', why: 'more than 2 lookups found nothing' });
      expect(await ask({ limits: { ...LIMITS, voidLookups: 3 } })).to.include({ result: 'fail' });
    });

    it('of hosts behind one MX', async () => {
      const hosts = Array.from({ length: 11 }, (_, i) => `m${i}.example.net`);
      dns.serve([
        'example.net. TXT "v=spf1 mx -all"',
        ...hosts.map((host, i) => `example.net. MX ${i} ${host}.`),
        ...hosts.map((host) => `${host}. A 198.51.100.1`),
      ]);
      expect(await ask()).to.include({ result: 'permerror', why: 'more than 10 hosts behind one mechanism' });
    });

    it('of what is asked at once: one question of each evaluation is on its way', async () => {
      const hosts = Array.from({ length: 10 }, (_, i) => `h${i}.example.net`);
      dns.serve([
        'example.net. TXT "v=spf1 ptr -all"',
        ...hosts.map((host) => `10.2.0.192.in-addr.arpa. PTR ${host}.`),
        ...hosts.map((host) => `${host}. A 198.51.100.1`),
        'h9.example.net. A 192.0.2.10',
      ]);
      const real = resolver;
      let underWay = 0;
      let most = 0;
      resolver = {
        ...real,
        txt: (...asked) => real.txt(...asked),
        ptr: (...asked) => real.ptr(...asked),
        async a(...asked) {
          most = Math.max(most, ++underWay);
          const answer = await real.a(...asked);
          underWay--;
          return answer;
        },
      };
      expect(await ask()).to.include({ result: 'pass', mechanism: 'ptr' });
      expect(most).to.equal(1);
    });

    it('where records lead in a circle', async () => {
      dns.serve([
        'example.net. TXT "v=spf1 include:b.example.net -all"',
        'b.example.net. TXT "v=spf1 redirect=example.net"',
      ]);
      expect(await ask()).to.include({ result: 'permerror' });
    });

    it('of what a record may cost', async () => {
      dns.serve([
        `example.net. TXT "v=spf1 a:${Array.from({ length: 101 }, () => '%{l}').join('" "')}.example.net"`,
      ]);
      expect(await ask()).to.include({
        result: 'permerror',
        why: 'the record of example.net is too long',
      });
    });

    it('of what all answers together may cost, however often one record is read', async () => {
      const addresses = Array.from({ length: 60 }, (_, i) => `m.example.net. A 198.51.100.${i}`);
      dns.serve([`example.net. TXT "v=spf1${' mx'.repeat(9)} -all"`, ...mxOf(9), ...addresses]);
      expect(await ask()).to.include({
        result: 'permerror',
        why: 'too much to read, at last of m.example.net',
      });
      dns.serve([`example.com. TXT "v=spf1${' a:m.example.net'.repeat(9)} -all"`, ...addresses]);
      expect(await ask({ from: 'alice@example.com' })).to.include({ result: 'fail', lookups: 9 });
      const big = '" "'.concat('ip4:198.51.100.1 '.repeat(14)).repeat(4);
      dns.serve([`i.example.net. TXT "v=spf1 ?include:i.example.net ${big}"`]);
      expect(await ask({ from: 'alice@i.example.net', limits: { ...LIMITS, lookups: 50 } })).to.include({
        result: 'permerror',
        why: 'too much to read, at last of i.example.net',
      });
    });

    it('of time, and says so even where a mechanism would only not match', async () => {
      dns.serve(['example.net. TXT "v=spf1 ptr -all"', '10.2.0.192.in-addr.arpa. SILENCE']);
      expect(await ask({ limits: { ...LIMITS, deadlineMs: 50 } })).to.include({
        result: 'temperror',
        why: 'the time for the evaluation is over',
        mechanism: null,
      });
      const abort = new AbortController();
      abort.abort();
      expect(await ask({ from: 'alice@example.com', signal: abort.signal })).to.include({
        result: 'temperror',
      });
    });
  });

  for (const [macro, name] of [
    ['%{l1r.-+}', 'a'],
    ['%{l2r.-+}', 'b.a'],
    ['%{l1r+-/}', 'a.b'],
    ['%%{.-+}%{l1-.}', '%{.-+}c+d'],
  ] as const)
    it(`divides ${macro} of a.b-c+d at what is named, and nowhere else`, async () => {
      dns.serve([
        `example.net. TXT "v=spf1 exists:${macro}.example.net -all"`,
        `${name}.example.net. A 127.0.0.2`,
      ]);
      const found = await ask({ from: 'a.b-c+d@example.net' });
      expect(dns.queries).to.deep.equal(['example.net TXT', `${name}.example.net A`]);
      expect(found).to.include({ result: 'pass' });
    });

  it('takes an MX that is no host for one that does not match', async () => {
    dns.serve(['example.net. TXT "v=spf1 mx -all"', 'example.net. MX 10 localhost.']);
    expect(await ask()).to.include({ result: 'fail' });
  });

  it('says what the DNS failed at', async () => {
    dns.serve(['example.net. TXT "v=spf1 include:broken.example.net -all"', 'broken.example.net. SERVFAIL']);
    expect(await ask()).to.include({ result: 'temperror', why: 'broken.example.net: SERVFAIL' });
  });

  describe('tells the explanation', () => {
    const explained = (text: string): void =>
      dns.serve(['example.net. TXT "v=spf1 -all exp=why.example.net"', `why.example.net. TXT "${text}"`]);

    it('with its macros, of a fail only', async () => {
      explained('%{i} is not for %{d} at %{r}');
      expect(await ask()).to.include({ explanation: '192.0.2.10 is not for example.net at mx.example.org' });
      dns.serve(['example.com. TXT "v=spf1 ~all exp=why.example.net"']);
      expect(await ask({ from: 'alice@example.com' })).to.include({ result: 'softfail', explanation: null });
    });

    it('without what could be taken for another line, and 300 characters of it', async () => {
      explained(`%{l}${'x'.repeat(200)}" "${'x'.repeat(200)}`);
      const { explanation } = await ask({ from: '"a\r\n250 ok"@example.net' });
      expect(explanation)
        .to.match(/^a\?\?250 okx+$/)
        .and.to.have.length(300);
    });

    it('not where it is not ASCII, too long, or nobody wants it', async () => {
      explained('caf\\233');
      expect(await ask()).to.include({ result: 'fail', explanation: null });
      explained(Array.from({ length: 20 }, () => 'y'.repeat(200)).join('" "'));
      expect(await ask()).to.include({ result: 'fail', explanation: null });
      explained('fine');
      dns.queries.length = 0;
      resolver = (resolver as CachingResolver).fresh;
      expect(await ask({ explain: false })).to.include({ result: 'fail', explanation: null });
      expect(dns.queries).to.deep.equal(['example.net TXT']);
    });
  });

  describe('calls a pass wide', () => {
    const rows: readonly (readonly [record: string, ip: string, wide: boolean])[] = [
      ['+all', '192.0.2.10', true],
      ['include:_all.example.net -all', '192.0.2.10', true],
      ['ip4:0.0.0.0/0 -all', '192.0.2.10', true],
      ['ip4:0.0.0.0/1 ip4:128.0.0.0/1', '192.0.2.10', true],
      ['ip4:192.0.0.0/3 -all', '192.0.2.10', true],
      ['exists:%{i}.any.example.net -all', '192.0.2.10', true],
      // To exclude those who are tried does not help.
      ['-ip4:198.51.100.1 ip4:128.0.0.0/1 -all', '192.0.2.10', true],
      ['-ip4:192.0.2.1 +all', '192.0.2.10', true],
      ['ip6:::/0 -all', '2001:db8:1::10', true],
      ['ip6:2000::/3 -all', '2001:db8:1::10', true],
      ['a:mx.example.net/0 -all', '192.0.2.10', true],
      ['ip4:192.0.2.0/24 -all', '192.0.2.10', false],
      ['ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all', '192.0.2.10', false],
      ['ip6:2001:db8:1::/48 -all', '2001:db8:1::10', false],
      ['a:mx.example.net -all', '192.0.2.10', false],
      // Everybody else gets nothing better than neutral.
      ['ip4:192.0.2.10 ?all', '192.0.2.10', false],
    ];
    for (const [record, ip, wide] of rows)
      it(`${wide ? 'by' : 'not by'} ${record}`, async () => {
        dns.serve([
          `example.net. TXT "v=spf1 ${record}"`,
          '_all.example.net. TXT "v=spf1 +all"',
          'mx.example.net. A 192.0.2.10',
          ...['192.0.2.10', '192.0.2.1', '198.51.100.1', '203.0.113.1'].map(
            (each) => `${each}.any.example.net. A 127.0.0.1`,
          ),
        ]);
        const strangers = ip.includes(':') ? IPV6_STRANGERS : STRANGERS;
        expect(await ask({ ip, strangers })).to.include({ result: 'pass', wide });
      });

    describe('which passes about everybody, but not him who looks there:', () => {
      const CLIENT = '198.18.0.10';
      const TRIED = ['17.1.2.3', '217.4.5.6', '200.7.8.9'];
      const blocks = (from: number, to: number): string =>
        Array.from({ length: to - from }, (_, i) => from + i)
          .filter((octet) => ![192, 198, 203].includes(octet))
          .map((octet) => `ip4:${octet}.0.0.0/8`)
          .join('" " ');
      // Of each address there is a line: ADDRESS, and HASH for what does not tell it.
      const rows: readonly (readonly [record: string, ...served: readonly string[]])[] = [
        ['-ip4:192.0.2.0/24 exists:ok.example.net -all'],
        ['-ip4:192.0.2.0/24 -ip4:198.51.100.0/24 ?ip4:203.0.113.0/24 a:ok.example.net/1 -all'],
        // Two of three are enough.
        ['-ip4:192.0.2.0/24 -ip4:0.0.0.0/1 exists:ok.example.net -all'],
        [`ip4:198.18.0.0/15 ${blocks(1, 100)} -all`],
        [`ip4:198.18.0.0/15 ${blocks(20, 29)} -all`],
        [
          '-ip4:192.0.2.0/24 include:i.example.net ip4:198.18.0.0/15 -all',
          `i.example.net. TXT "v=spf1 ${blocks(1, 120)} -all"`,
        ],
        // The name server can't tell who they are.
        ['exists:%{i}.every.example.net -all', 'ADDRESS.every.example.net. A 127.0.0.2'],
        ['exists:%{i1}.parts.example.net -all', '10.parts.example.net. A 127.0.0.2'],
        [
          'include:%{i}.every.example.net -all',
          'ADDRESS.every.example.net. TXT "v=spf1 exists:HASH.example.net -all"',
          'HASH.example.net. A 127.0.0.2',
        ],
        [
          'redirect=%{i}.every.example.net',
          'ADDRESS.every.example.net. TXT "v=spf1 exists:ok.example.net -all"',
        ],
        [
          'mx:%{i}.every.example.net -all',
          'ADDRESS.every.example.net. MX 10 HASH.example.net.',
          'HASH.example.net. A ADDRESS',
        ],
      ];
      for (const [record, ...served] of rows)
        it(record.slice(0, 80), async () => {
          const lines = served.flatMap((line) =>
            [CLIENT, ...TRIED].map((ip) => line.replace('ADDRESS', ip).replace('HASH', `h${ip.slice(0, 3)}`)),
          );
          dns.serve([
            `example.net. TXT "v=spf1 ${record}"`,
            'ok.example.net. A 198.51.100.1',
            ...new Set(lines),
          ]);
          expect(await ask({ ip: CLIENT })).to.include({ result: 'pass', wide: true });
        });

      it('a:%{i}.every.example.net -all, of IPv6', async () => {
        const nibbles = (text: string): string => text.replaceAll(':', '').split('').join('.');
        dns.serve([
          'example.net. TXT "v=spf1 a:%{i}.every.example.net -all"',
          `${nibbles('2001:0db8:0001:0000:0000:0000:0000:0010')}.every.example.net. AAAA 2001:db8:1::10`,
          `${nibbles('2600:0002:0405:0607:0809:0a0b:0c0d:0e0f')}.every.example.net. AAAA 2600:2:405:607:809:a0b:c0d:e0f`,
          `${nibbles('2a01:0203:0405:0607:0809:0a0b:0c0d:0e0f')}.every.example.net. AAAA 2a01:203:405:607:809:a0b:c0d:e0f`,
        ]);
        const found = await ask({ ip: '2001:db8:1::10', strangers: IPV6_STRANGERS });
        expect(found).to.include({ result: 'pass', wide: true });
      });

      it('records too long to be read for all who are tried', async () => {
        const long = '" "'.concat('ip4:203.0.113.1 '.repeat(14)).repeat(16);
        const names = Array.from({ length: 8 }, (_, i) => `i${i}.example.net`);
        dns.serve([
          `example.net. TXT "v=spf1 ${names.map((name) => `include:${name}`).join(' ')} -ip4:0.0.0.0/1 exists:ok.example.net -all"`,
          ...names.map((name) => `${name}. TXT "v=spf1 ${long} -all"`),
          'ok.example.net. A 127.0.0.2',
        ]);
        expect(await ask({ ip: '198.18.0.10' })).to.include({ result: 'pass', wide: true });
      });
    });

    it('not by one that passes a stranger by chance', async () => {
      dns.serve(['example.net. TXT "v=spf1 ip4:192.0.2.0/24 ip4:17.0.0.0/8 -all"']);
      expect(await ask()).to.include({ result: 'pass', wide: false });
    });

    it('not by one that names its hosts in the DNS, each by its address', async () => {
      dns.serve([
        'example.net. TXT "v=spf1 exists:%{ir}.known.example.net include:i.example.net -all"',
        '10.2.0.192.known.example.net. A 127.0.0.2',
      ]);
      expect(await ask()).to.include({ result: 'pass', wide: false });
      expect(dns.queries).to.deep.equal([
        'example.net TXT',
        '10.2.0.192.known.example.net A',
        '3.2.1.17.known.example.net A',
        '6.5.4.217.known.example.net A',
        '1.2.0.192.known.example.net A',
      ]);
    });

    it('not by one that would be an error for everybody else', async () => {
      const circle = 'include:example.net '.repeat(3);
      dns.serve([`example.net. TXT "v=spf1 ip4:192.0.2.10 ${circle}+all"`]);
      expect(await ask()).to.include({ result: 'pass', wide: false });
    });

    it('without asking the DNS for more than the client needed', async () => {
      dns.serve([
        'example.net. TXT "v=spf1 ip4:192.0.2.10 include:i.example.net -all"',
        'i.example.net. TXT "v=spf1 -all"',
      ]);
      expect(await ask()).to.include({ result: 'pass', wide: false });
      expect(dns.queries).to.deep.equal(['example.net TXT']);
    });
  });

  it('lets a bug of the resolver be one', async () => {
    dns.serve(['example.net. TXT "v=spf1 ptr -all"']);
    const sound = resolver;
    const broken = (): Promise<never> => Promise.reject(new Error('a bug'));
    resolver = { a: broken, aaaa: broken, mx: broken, ptr: broken, txt: (...asked) => sound.txt(...asked) };
    let caught: unknown;
    await ask().catch((error: unknown) => (caught = error));
    expect(caught).to.be.instanceOf(Error).with.property('message', 'a bug');
  });

  it('is loaded when it is there again: an upgrade may have been replacing it', async () => {
    dns.serve(['example.net. TXT "v=spf1 ip4:192.0.2.10 -all"']);
    const packages = createRequire(import.meta.url);
    const file = packages.resolve('mailauth/lib/spf/spf-verify.js');
    const before = packages.cache[file];
    delete packages.cache[file];
    let isAway = true;
    const hooks = registerHooks({
      resolve(specifier, context, next) {
        if (isAway && specifier.startsWith('mailauth/')) throw new Error('it is away');
        return next(specifier, context);
      },
    });
    try {
      const anew = '../../lib/spf/mailauth-evaluator.ts?anew';
      const { MailauthEvaluator: Unloaded } = (await import(
        anew
      )) as typeof import('../../lib/spf/mailauth-evaluator.ts');
      const evaluator = new Unloaded(resolver);
      evaluator.load();
      const question = {
        identity: 'mailfrom',
        ip: parseAddress('192.0.2.10')!,
        helo: 'mx.example.net',
        sender: parseMailbox('alice@example.net'),
        receiver: 'mx.example.org',
      } as const;
      const why = await evaluator.evaluate(question, NEVER).catch(String);
      expect(why).to.contain('it is away');
      isAway = false;
      expect(await evaluator.evaluate(question, NEVER)).to.include({ result: 'pass' });
    } finally {
      hooks.deregister();
      if (before !== undefined) packages.cache[file] = before;
    }
  });
});
