/** Our header fields and the forged ones, as readers of other authors see them: Python's email, and Debian's authres. */

import { expect } from 'chai';
import fc from 'fast-check';
import { authenticationResults, type MethodResult } from '../../lib/headers/authentication-results.ts';
import { claimsToBe } from '../../lib/headers/claimed-id.ts';
import { dnsblResult } from '../../lib/headers/dnsbl-result.ts';
import { unfolded, type Field } from '../../lib/headers/field.ts';
import { receivedSpf, SPF_RESULTS } from '../../lib/headers/received-spf.ts';
import { without } from '../support/without.ts';
import { PythonOracle } from './python-oracle.ts';

interface Read {
  readonly authservId: string;
  readonly results: readonly {
    readonly method: string;
    readonly result: string;
    readonly reason: string | null;
    readonly properties: readonly (readonly [name: string, value: string])[];
  }[];
}
type Asked = { readonly header: string } | { readonly value: string };
interface Answer {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** It ends where we end it, and nothing in it is wrong. */
  readonly sound: boolean;
  /** Null: can't be read. */
  readonly read: Read | null;
}

const OWN = 'mx.example.org';

const hostile = fc.oneof(
  fc.constantFrom(
    'a\r\nX-Evil: 1',
    'a\n\nb',
    '\r',
    '(',
    ')',
    '\\',
    '"',
    '; spf=pass',
    '',
    '\0',
    'Grüße',
    '=?utf-8?q?x?=',
    '\u2028X: y',
    '\u0085X: y',
    'x'.repeat(600),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const domain = fc.constantFrom(
  'example.net',
  'mx.example.net',
  'xn--bcher-kva.example',
  'a_b.example',
  '192.0.2.10',
  'x',
);

describe('To readers in Python', function () {
  this.timeout(120_000);
  let python: PythonOracle<Asked, Answer> | undefined;
  before(function () {
    if (!PythonOracle.has('authres'))
      without(this, 'What Python reads in our header', 'python3-authres (apt-get install python3-authres)');
    python = new PythonOracle('header-oracle.py');
  });
  after(() => python?.stop());

  const result = fc.record({
    method: fc.constantFrom('spf', 'iprev'),
    result: fc.constantFrom(...SPF_RESULTS),
    properties: fc.array(
      fc.record({ name: fc.constantFrom('smtp.mailfrom', 'smtp.helo', 'policy.iprev'), value: hostile }),
      { maxLength: 3 },
    ),
    reason: hostile,
    comment: hostile,
  });
  const field: fc.Arbitrary<Field> = fc.oneof(
    fc
      .tuple(hostile, fc.array(result, { minLength: 1, maxLength: 3 }))
      .map(([id, results]) => authenticationResults(id, results)),
    fc
      .tuple(
        fc.record({
          identity: fc.constantFrom('mailfrom', 'helo'),
          result: fc.constantFrom(...SPF_RESULTS),
          domain: hostile,
          clientIp: hostile,
          envelopeFrom: hostile,
          helo: fc.option(hostile),
          mechanism: fc.option(hostile),
          problem: fc.option(hostile),
        }),
        fc.constantFrom('ascii', 'utf-8'),
      )
      .map(([facts, charset]) => receivedSpf(OWN, facts, charset)),
    fc
      .tuple(
        hostile,
        fc.constantFrom('ip', 'helo', 'sender'),
        hostile,
        hostile,
        fc.array(hostile, { minLength: 1, maxLength: 3 }),
      )
      .map(([id, subject, value, alias, said]) =>
        dnsblResult(id, [{ subject, value, lists: [{ alias, said }] }], 3),
      ),
  );

  it('every field is one field, and ends where it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 3 }), async (fields) => {
        const header = fields
          .map(({ name, value }) => `${name}: ${value.replaceAll('\n', '\r\n')}\r\n`)
          .join('');
        const { fields: seen, sound } = await python!.ask({ header });
        expect(sound, header).to.equal(true);
        expect(seen.map(([name, value]) => ({ name, value: unfolded(value) }))).to.deep.equal(
          fields.map(({ name, value }) => ({ name, value: unfolded(value) })),
        );
      }),
      { numRuns: 1000 },
    );
  });

  const said = fc.record({
    method: fc.constantFrom('spf', 'iprev'),
    result: fc.constantFrom(...SPF_RESULTS),
    properties: fc.array(
      fc.record({ name: fc.constantFrom('smtp.mailfrom', 'smtp.helo', 'policy.iprev'), value: domain }),
      { maxLength: 2 },
    ),
    comment: hostile,
  });

  it('results are what was found out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(said as fc.Arbitrary<MethodResult>, { minLength: 1, maxLength: 3 }),
        async (results) => {
          const { value } = authenticationResults(OWN, results);
          const { read } = await python!.ask({ value: unfolded(value) });
          expect(read, value).to.deep.equal({
            authservId: OWN,
            results: results.map(({ method, result, properties }) => ({
              method,
              result,
              reason: null,
              properties: properties.map(({ name, value }) => [name, value]),
            })),
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  const piece = fc.constantFrom(
    '(',
    ')',
    '(x)',
    '((y)\\))',
    '"',
    '\\',
    ' ',
    '\t',
    '\n ',
    ';',
    '=',
    '.',
    '1',
    '/',
    'i',
    OWN,
    'MX.Example.ORG',
    'mx',
    'other.example',
    'spf=pass',
    'none',
    'smtp.mailfrom=x',
    '\0',
    '\x0b',
    '\xa0',
    'é',
  );
  const forged = fc
    .tuple(
      fc.array(piece, { maxLength: 5 }),
      fc.constantFrom(OWN, 'MX.EXAMPLE.ORG', 'other.example', ''),
      fc.array(piece, { maxLength: 3 }),
      fc.constantFrom('; spf=pass smtp.mailfrom=example.net', ';none', '', ';dkim=pass'),
    )
    .map(([before, id, behind, end]) => `${before.join('')}${id}${behind.join('')}${end}`);

  it('a field in our name is what we take for one', async () => {
    const seen = { ours: 0, others: 0 };
    await fc.assert(
      fc.asyncProperty(forged, async (value) => {
        const { read } = await python!.ask({ value: value.replace(/\n/g, '') });
        if (read === null) return;
        const ours = read.authservId === OWN;
        seen[ours ? 'ours' : 'others'] += 1;
        if (ours || !value.toLowerCase().includes(OWN)) expect(claimsToBe(OWN, value), value).to.equal(ours);
      }),
      { numRuns: 4000 },
    );
    expect(seen.ours).to.be.greaterThan(20);
    expect(seen.others).to.be.greaterThan(20);
  });
});
