/** The text of our header fields: what readers of the RFCs' grammar get out of it is what was put in, whatever that was. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  authenticationResults,
  type MethodResult,
  type PropertyName,
} from '../../lib/headers/authentication-results.ts';
import { dnsblResult } from '../../lib/headers/dnsbl-result.ts';
import { unfolded, type Field } from '../../lib/headers/field.ts';
import { receivedSpf, SPF_RESULTS } from '../../lib/headers/received-spf.ts';
import { formatDate, xGreylist } from '../../lib/headers/x-greylist.ts';
import { readAuthenticationResults, readDnsblResult, readReceivedSpf } from './field-reader.ts';

const ID = 'mx.example.org';

/** What a text becomes in ASCII: a tab is a blank, what can't stand there `?`. */
const ascii = (text: string): string =>
  Array.from(text, (char) => (char === '\t' ? ' ' : /^[ -~]$/.test(char) ? char : '?')).join('');

/** Of a comment also what would need a backslash, and more than one blank between words. */
const remark = (text: string): string[] => {
  const words = ascii(text)
    .replace(/[()\\]/g, '?')
    .split(' ')
    .filter(Boolean)
    .join(' ');
  return words === '' ? [] : [words];
};

const hostile = fc.oneof(
  fc.constantFrom(
    'a\r\nX-Evil: 1',
    'a\nb',
    '(',
    ')',
    '((',
    '\\',
    '"',
    '\\"',
    '; spf=pass',
    'a b',
    '',
    ' ',
    '\0',
    'Grüße',
    '\u202e',
    '=?utf-8?q?x?=',
    'x'.repeat(200),
    '2001:db8::1',
    'a/b',
    'a;b',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);

/** Every line within 78 columns, unless one word alone is longer. */
function expectFolded({ name, value }: Field): void {
  for (const [i, line] of `${name}: ${value}`.split('\n').entries()) {
    const columns = i === 0 ? line.length : line.length + 7;
    if (columns > 78) expect(line.trim().replace(/^\S+: /, ''), line).to.match(/^(?:"(?:[^"\\]|\\.)*"|\S)+$/);
  }
}

describe('Authentication-Results', () => {
  const cases: readonly (readonly [title: string, results: readonly MethodResult[], value: string])[] = [
    [
      'has the domain of the sender alone',
      [{ method: 'spf', result: 'pass', properties: [{ name: 'smtp.mailfrom', value: 'example.org' }] }],
      'mx.example.org; spf=pass smtp.mailfrom=example.org',
    ],
    [
      'says why, where that can be said',
      [
        {
          method: 'spf',
          result: 'permerror',
          reason: 'two records: "v=spf1"',
          properties: [{ name: 'smtp.helo', value: 'mx.example.net' }],
        },
      ],
      'mx.example.org; spf=permerror\n\treason="two records: \\"v=spf1\\"" smtp.helo=mx.example.net',
    ],
    [
      'has several results in one field',
      [
        {
          method: 'iprev',
          result: 'pass',
          properties: [{ name: 'policy.iprev', value: '2001:db8::1' }],
          comment: 'mx.example.net',
        },
        {
          method: 'dnswl',
          result: 'pass',
          properties: [
            { name: 'dns.zone', value: 'list.dnswl.org' },
            { name: 'policy.ip', value: '127.0.9.2,127.0.9.3' },
            { name: 'policy.txt', value: 'example.net https://dnswl.org/s/?s=1' },
          ],
        },
      ],
      'mx.example.org; iprev=pass policy.iprev="2001:db8::1"\n\t(mx.example.net); dnswl=pass dns.zone=list.dnswl.org\n\tpolicy.ip="127.0.9.2,127.0.9.3"\n\tpolicy.txt="example.net https://dnswl.org/s/?s=1"',
    ],
  ];
  for (const [title, results, value] of cases)
    it(title, () => expect(authenticationResults(ID, results).value).to.equal(value));

  const property = fc.record({
    name: fc.constantFrom<PropertyName>(
      'smtp.mailfrom',
      'smtp.helo',
      'policy.iprev',
      'dns.zone',
      'policy.txt',
    ),
    value: hostile,
  });
  const methodResult = fc.record(
    {
      method: fc.constantFrom('spf', 'iprev', 'dnswl'),
      result: fc.constantFrom('pass', 'fail', 'none', 'temperror'),
      properties: fc.array(property, { maxLength: 4 }),
      reason: hostile,
      comment: hostile,
    },
    { requiredKeys: ['method', 'result', 'properties'] },
  );

  it('is read as what it says, whatever that is', () => {
    fc.assert(
      fc.property(hostile, fc.array(methodResult, { minLength: 1, maxLength: 5 }), (id, results) => {
        const field = authenticationResults(id, results);
        expectFolded(field);
        const read = readAuthenticationResults(field.value);
        expect(read).to.deep.equal({
          authservId: ascii(id),
          version: null,
          results: results.map(({ method, result, reason, properties, comment = '' }) => ({
            method,
            result,
            reason: reason === undefined ? null : ascii(reason),
            properties: properties.map(({ name, value }) => ({ name, value: ascii(value) })),
            comments: remark(comment),
          })),
        });
      }),
      { numRuns: 3000 },
    );
  });

  it('has no line of more than 998 octets, however long what it says', () => {
    const long = '"'.repeat(100_000);
    const { value } = authenticationResults(long, [
      {
        method: 'spf',
        result: 'none',
        reason: long,
        properties: [{ name: 'smtp.helo', value: long }],
        comment: long,
      },
    ]);
    expect(readAuthenticationResults(value).results[0]!.reason).to.equal('"'.repeat(450));
  });
});

describe('Received-SPF', () => {
  const facts = {
    identity: 'mailfrom',
    result: 'pass',
    domain: 'example.net',
    clientIp: '192.0.2.10',
    envelopeFrom: 'alice@example.net',
    helo: 'mx.example.net',
    mechanism: null,
    problem: null,
  } as const;

  it('says who, whom and by which identity', () => {
    expect(unfolded(receivedSpf(ID, facts, 'ascii').value)).to.equal(
      'pass (mx.example.org: example.net permits 192.0.2.10) client-ip=192.0.2.10; envelope-from="alice@example.net"; helo=mx.example.net; identity=mailfrom; receiver=mx.example.org',
    );
  });

  it('has the sender in UTF-8 only where the client declared SMTPUTF8', () => {
    const said = (charset: 'ascii' | 'utf-8'): string =>
      receivedSpf(ID, { ...facts, envelopeFrom: 'jörg\u202e\u0085@bücher.example' }, charset).value;
    expect(said('utf-8')).to.include('envelope-from="jörg??@bücher.example"');
    expect(said('ascii')).to.include('envelope-from="j?rg??@b?cher.example"');
  });

  for (const result of SPF_RESULTS)
    it(`can say ${result}`, () => {
      const read = readReceivedSpf(receivedSpf(ID, { ...facts, result, domain: null }, 'ascii').value);
      expect(read.result).to.equal(result);
      expect(read.comments).to.have.length(1);
    });

  it('is read as what it says, whatever that is', () => {
    const any = fc.record({
      identity: fc.constantFrom('mailfrom', 'helo'),
      result: fc.constantFrom(...SPF_RESULTS),
      domain: fc.option(hostile),
      clientIp: fc.constantFrom('192.0.2.10', '2001:db8::1'),
      envelopeFrom: hostile,
      helo: fc.option(hostile),
      mechanism: fc.option(hostile),
      problem: fc.option(hostile),
    });
    fc.assert(
      fc.property(hostile, any, (receiver, said) => {
        const field = receivedSpf(receiver, said, 'ascii');
        expectFolded(field);
        const { result, pairs } = readReceivedSpf(field.value);
        const { identity, clientIp, envelopeFrom, helo, mechanism, problem } = said;
        const given = { helo, mechanism, problem };
        const there = Object.entries(given).filter(([, text]) => text !== null);
        expect(result).to.equal(said.result);
        expect(pairs).to.deep.equal({
          'client-ip': clientIp,
          'envelope-from': envelopeFrom === '' ? '<>' : ascii(envelopeFrom),
          ...Object.fromEntries(there.map(([key, text]) => [key, ascii(text!)])),
          identity,
          receiver: ascii(receiver),
        });
      }),
      { numRuns: 3000 },
    );
  });

  it('in UTF-8 is valid, and within its lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (local) => {
        const { value } = receivedSpf(ID, { ...facts, envelopeFrom: `${local}@example.net` }, 'utf-8');
        readReceivedSpf(value);
        expect(Buffer.from(value).toString()).to.equal(value);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('X-DNSBL-Result', () => {
  it('has each list behind what it was asked about', () => {
    const field = dnsblResult(
      ID,
      [
        {
          subject: 'ip',
          value: '192.0.2.3',
          lists: [
            { alias: 'zen.spamhaus.org', said: ['127.0.0.2', '127.0.0.11'] },
            { alias: 'list.dnswl.org', said: 'none' },
          ],
        },
        { subject: 'sender', value: 'example.net', lists: [{ alias: 'dbl.spamhaus.org', said: 'unknown' }] },
      ],
      -3,
    );
    expect(field.value).to.equal(
      'mx.example.org; ip=192.0.2.3;\n\tzen.spamhaus.org=127.0.0.2,127.0.0.11; list.dnswl.org=none;\n\tsender=example.net; dbl.spamhaus.org=unknown; score=-3',
    );
  });

  it('is read as what it says, whatever the lists are called', () => {
    const list = fc.record({
      alias: hostile.filter((text) => text !== ''),
      said: fc.oneof(fc.constantFrom('none', 'unknown'), fc.array(fc.ipV4(), { minLength: 1, maxLength: 3 })),
    });
    const subject = fc.record({
      subject: fc.constantFrom('ip', 'client', 'ptr', 'helo', 'sender'),
      value: hostile.filter((text) => text !== ''),
      lists: fc.array(list, { minLength: 1, maxLength: 4 }),
    });
    const bare = (text: string): string => ascii(text).replace(/[\s;=,]/g, '?');
    fc.assert(
      fc.property(fc.array(subject, { maxLength: 5 }), fc.option(fc.integer()), (subjects, score) => {
        const field = dnsblResult(ID, subjects, score);
        expectFolded(field);
        const { authservId, pairs } = readDnsblResult(field.value);
        expect(authservId).to.equal(ID);
        expect(pairs).to.deep.equal([
          ...subjects.flatMap((each) => [
            [each.subject, bare(each.value)],
            ...each.lists.map(({ alias, said }) => [
              bare(alias),
              typeof said === 'string' ? said : said.join(','),
            ]),
          ]),
          ...(score === null ? [] : [['score', String(score)]]),
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not grow without end', () => {
    const lists = Array.from({ length: 5000 }, (_, i) => ({
      alias: `l${i}.example`,
      said: Array.from({ length: 500 }, () => '127.0.0.2'),
    }));
    expect(dnsblResult(ID, [{ subject: 'ip', value: '192.0.2.3', lists }], null).value.length).to.be.below(
      16_000,
    );
  });
});

describe('X-Greylist', () => {
  it('has the delay, the host and an RFC 5322 date', () => {
    const field = xGreylist(305, 'mx.example.com', Date.parse('2026-11-21T10:00:00Z'));
    expectFolded(field);
    expect(unfolded(field.value)).to.match(
      /^delayed 305 seconds by postern at mx\.example\.com; \w{3}, 2\d Nov 2026 \d\d:\d\d:00 [+-]\d{4}$/,
    );
  });

  it('gives the same moment in whatever time zone it is written', () => {
    const now = Date.parse('2026-03-29T00:59:59Z');
    expect(Date.parse(formatDate(now))).to.equal(now);
  });

  it("can't be ended early by what the MTA calls itself", () => {
    expect(xGreylist(1, 'mx\r\nX-Evil: 1', 0).value).to.include('mx??X-Evil: 1;');
  });
});
