/** Hostile zones: whatever records, macros, explanations and loops a domain has, an evaluation ends with a result. */

import fc from 'fast-check';
import { expect } from 'chai';
import { NEVER, type Answer, type Mx, type Resolver } from '../../lib/dns/resolver.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { SPF_RESULTS } from '../../lib/spf/evaluator.ts';
import { MailauthEvaluator } from '../../lib/spf/mailauth-evaluator.ts';

const NAMES = ['example.net', 'a.example.net', 'b.example.net', 'mx.example.net', 'example.com'];
const name = fc.constantFrom(...NAMES);

const macro = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...'slodiphcrtvSLODIPHCRTVxX%'.split('')),
      fc.constantFrom('', '0', '1', '2', '128', '99999999999999999999', '-1'),
      fc.constantFrom('', 'r', 'R'),
      fc.string({ unit: fc.constantFrom(...'.-+,/_=]\\^$*(['.split('')), maxLength: 4 }),
    )
    .map((parts) => `%{${parts.join('')}}`),
  fc.constantFrom('%%', '%_', '%-', '%', '%{', '%}', '%{l', '%{d}.%{'),
);

const domainSpec = fc.oneof(
  name,
  fc
    .array(fc.oneof(macro, name, fc.constantFrom('.', '-', 'x'.repeat(70), '\u00ff', '\0', ' ')), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const cidr = fc.constantFrom(
  '',
  '/0',
  '/24',
  '/33',
  '//64',
  '//129',
  '/24//64',
  '/',
  '//',
  '/-1',
  '/1e3',
  '/00',
);
const ip = fc.constantFrom(
  '192.0.2.1',
  '0.0.0.0',
  '256.1.1.1',
  '2001:db8::1',
  '::',
  '::ffff:192.0.2.1',
  '1',
  '',
  'x',
);

const term = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '+', '-', '~', '?', '!'),
      fc.constantFrom('a', 'mx', 'ptr', 'exists', 'include', 'A', 'InClUdE'),
      domainSpec,
      cidr,
    )
    .map(([q, m, d, c]) => `${q}${m}:${d}${c}`),
  fc
    .tuple(fc.constantFrom('a', 'mx', 'ptr', 'all', '-all', '?all', '+all', 'all:', 'exists'), cidr)
    .map(([m, c]) => m + c),
  fc.tuple(fc.constantFrom('ip4:', 'ip6:', 'ip4', 'ip4='), ip, cidr).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('redirect=', 'exp=', 'x-y_z.1=', '=', 'moo=', '__proto__='), domainSpec)
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Such as a domain might have that means harm, not nonsense. */
const soundSpec = fc.oneof(
  name,
  fc.constantFrom(
    '%{l}.%{d}',
    '%{ir}.example.net',
    '%{p}',
    '%{S}.%{h}.example.net',
    '%{i1r-}.a.example.net',
    '%{d2}',
  ),
);
const soundTerm = fc
  .tuple(
    fc.constantFrom('', '+', '-', '~', '?'),
    fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'mx', 'ptr', 'exists', 'include'), soundSpec)
        .map(([m, d]) => `${m}:${d}`),
      fc.constantFrom('a', 'mx/0', 'ptr', 'all', 'ip4:192.0.2.0/24', 'ip6:::/0', 'a//0', 'ip4:198.51.100.1'),
    ),
  )
  .map(([q, m]) => q + m);
const soundRecord = fc
  .tuple(
    fc.array(soundTerm, { maxLength: 14 }),
    fc.constantFrom(
      '',
      ' redirect=%{d}',
      ' redirect=b.example.net',
      ' exp=example.com',
      ' exp=%{l}.a.example.net',
    ),
  )
  .map(([terms, modifier]) => `v=spf1 ${terms.join(' ')}${modifier}`);

const record = fc.oneof(
  { weight: 12, arbitrary: soundRecord },
  { weight: 6, arbitrary: fc.array(term, { maxLength: 12 }).map((terms) => `v=spf1 ${terms.join(' ')}`) },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof(macro, domainSpec), { maxLength: 10 }).map((parts) => parts.join(' ')),
  },
  { weight: 1, arbitrary: fc.constantFrom('v=spf1', 'V=SPF1 -all', 'v=spf10 -all', 'v=spf1\t-all', '') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(term, fc.integer({ min: 1, max: 12_000 }))
      .map(([each, times]) => `v=spf1 ${`${each} `.repeat(times)}`.slice(0, 65_000)),
  },
);

function answers<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Answer<T>> {
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(value, { minLength: 1, maxLength: 12 })
        .map((records) => ({ status: 'found' as const, records, ttl: 60 })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Answer<T>>(
        { status: 'nxdomain', ttl: 0 },
        { status: 'nodata', ttl: 0 },
        { status: 'temperror', why: 'SERVFAIL\r\n' },
      ),
    },
  );
}

const host = fc.oneof(
  name,
  fc.constantFrom('', 'localhost', 'a\\.b.example', '.', `${'a.'.repeat(126)}a`),
  fc.string({ maxLength: 20 }),
);

interface Zone {
  readonly txt: Readonly<Record<string, Answer<string>>>;
  readonly a: Answer<string>;
  readonly aaaa: Answer<string>;
  readonly mx: Answer<Mx>;
  readonly ptr: Answer<string>;
}

const zone: fc.Arbitrary<Zone> = fc.record({
  txt: fc.record(
    Object.fromEntries(
      NAMES.map((each) => [
        each,
        fc.oneof(
          {
            weight: 4,
            arbitrary: record.map((text): Answer<string> => ({ status: 'found', records: [text], ttl: 60 })),
          },
          { weight: 1, arbitrary: answers(record) },
        ),
      ]),
    ),
  ),
  a: answers(fc.constantFrom('192.0.2.1', '192.0.2.10', '198.51.100.7')),
  aaaa: answers(fc.constantFrom('2001:db8::10', '::ffff:192.0.2.1', '::')),
  mx: answers(fc.record({ preference: fc.nat(65_535), exchange: host })),
  ptr: answers(host),
});

function resolverOf(zone: Zone, count: () => void): Resolver {
  const say = <T>(answer: Answer<T>): Promise<Answer<T>> => {
    count();
    return Promise.resolve(answer);
  };
  return {
    a: () => say(zone.a),
    aaaa: () => say(zone.aaaa),
    mx: () => say(zone.mx),
    ptr: () => say(zone.ptr),
    txt: (asked) => say(zone.txt[asked.toLowerCase()] ?? { status: 'nxdomain', ttl: 0 }),
  };
}

describe('A hostile zone', function () {
  this.timeout(120_000);

  it('gets a result, in bounded time, after a bounded number of questions', async () => {
    const results = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        zone,
        fc.constantFrom('192.0.2.10', '2001:db8:1::10'),
        fc.oneof(fc.constant('alice'), fc.string({ unit: 'binary', maxLength: 80 })),
        fc.oneof(name, fc.string({ unit: 'binary', maxLength: 300 })),
        async (served, client, local, helo) => {
          let asked = 0;
          const evaluator = new MailauthEvaluator(resolverOf(served, () => void asked++));
          const found = await evaluator.evaluate(
            {
              identity: 'mailfrom',
              ip: parseAddress(client)!,
              helo,
              sender: { local, domain: 'example.net' },
              receiver: 'mx.example.org',
            },
            NEVER,
          );
          results.add(found.result);
          expect(SPF_RESULTS).to.include(found.result);
          // Ten terms, the hosts behind each, and what is asked for five others.
          expect(asked).to.be.lessThan(300);
          expect(found.lookups).to.be.at.most(10);
          for (const text of [found.explanation, found.why]) {
            if (text === null) continue;
            expect(text).to.match(/^[ -~]*$/);
            expect(text.length).to.be.at.most(300);
          }
          if (found.result !== 'fail') expect(found.explanation).to.equal(null);
          if (found.result !== 'pass') expect(found.wide).to.equal(false);
        },
      ),
      { numRuns: 1500 },
    );
    expect([...results].toSorted(), 'every result comes about').to.deep.equal([...SPF_RESULTS].toSorted());
  });
});
