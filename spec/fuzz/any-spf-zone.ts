/** Owns random zones with SPF records in them, and questions about them, for comparing evaluators. */

import fc from 'fast-check';
import { DOMAINS, macro, record, some } from './any-spf-record.ts';

/** Records by name and type, `10 mx.example.net` for MX; `temperror`: no answer. */
export type SpfZone = Readonly<Record<string, Readonly<Record<string, readonly string[] | 'temperror'>>>>;

export interface AskedOfSpf {
  readonly zone: SpfZone;
  readonly ip: string;
  readonly sender: string;
  readonly helo: string;
}

/** Whether a name below HASHED has an address: no letter of it can be wrong, or in another place, unnoticed. */
export function isHashedIn(name: string): boolean {
  const hash = Buffer.from(name, 'latin1').reduce((sum, octet) => (Math.imul(sum, 31) + octet) >>> 0, 0);
  return ((hash >>> 8) & 1) === 1;
}

/** Of an `exp`. Its end is no `%%` (see above). */
const text = fc
  .array(
    fc.oneof(macro, some('because', '100%%', '%{c}', '%{r}', '%{C}', '%', '%{x}', 'caf\xe9', '%_', '(x)')),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => [...parts, 'end'].join(' '));

const HOSTS: SpfZone = {
  'host.example': { A: ['192.0.2.10'], AAAA: ['2001:db8::10'], MX: ['20 other.example', '10 none.example'] },
  'hosts.example': {
    A: ['203.0.113.1', '192.0.2.99'],
    AAAA: ['2001:db8:1::1', '2001:db8::99'],
    MX: ['10 host.example'],
  },
  'other.example': { A: ['198.51.100.7'], AAAA: ['2001:db8:ffff::7'] },
  'ptr.example': { A: ['192.0.2.10'], AAAA: ['2001:db8::10'] },
  'x.ptr.example': { A: ['198.51.100.7', '192.0.2.10'], AAAA: ['2001:db8::10'] },
  'slow.example': { A: 'temperror', AAAA: 'temperror', MX: 'temperror', TXT: 'temperror' },
  'two.example': { TXT: ['one', 'two'] },
};

const REVERSE = ['10.2.0.192.in-addr.arpa', `0.1.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`];

function zone(oddities: number): fc.Arbitrary<SpfZone> {
  return fc
    .record({
      records: fc.tuple(...DOMAINS.map((_, i) => record(DOMAINS.slice(i + 1), oddities))),
      beside: some<readonly string[]>([], [], [], ['other'], ['v=spf10 +all'], ['v=spf1 -all'], ['V=SPF1']),
      why: text,
      ownWhy: text,
      names: fc.subarray(['ptr.example', 'x.ptr.example', 'other.example', 'a.example']),
    })
    .map(({ records, beside, why, ownWhy, names }) => ({
      ...HOSTS,
      ...Object.fromEntries(
        DOMAINS.map((name, i) => [
          name,
          {
            TXT: [records[i]!, ...(i === 0 ? beside : [])],
            A: ['192.0.2.11'],
            AAAA: ['2001:db8::11'],
            MX: ['10 host.example'],
          },
        ]),
      ),
      'why.example': { TXT: [why] },
      'a.example.why.example': { TXT: [ownWhy] },
      ...Object.fromEntries(REVERSE.map((name) => [name, { PTR: names }])),
    }));
}

/** `oddities`: of a hundred terms of the records how many are not by the grammar. */
export function anySpfQuestion(oddities: number): fc.Arbitrary<AskedOfSpf> {
  return fc.record({
    zone: zone(oddities),
    ip: some('192.0.2.10', '2001:db8::10'),
    sender: some('alice@a.example', 'a+b=c-d.e@a.example', 'o~neil/x@a.example', 'ALICE@a.example'),
    helo: some('mx.example.net', 'MX', '[192.0.2.10]'),
  });
}
