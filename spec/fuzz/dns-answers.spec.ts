/** Whatever a name server sends, and however often, each lookup ends in its time with a value, and the next one is answered. */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { noCounts } from '../../lib/dns/dns-counts.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import { a, questionOf, response } from '../support/dns/bytes.ts';
import { framed, HostileServer } from '../support/dns/hostile-server.ts';

const NEVER = new AbortController().signal;
const TIMEOUT_MS = 30;

const junk = fc.uint8Array({ maxLength: 300 });
const datagram = fc.record({
  /** Whether it begins as an answer to the query. */
  fits: fc.boolean(),
  flags: fc.oneof(fc.constantFrom(0x8180, 0x8380, 0x8182, 0x8183, 0x8181), fc.nat({ max: 0xffff })),
  counts: fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 }),
  junk,
});

describe('A resolver whose servers send anything', () => {
  it('answers each lookup in its time', async () => {
    let sent: readonly (typeof datagram extends fc.Arbitrary<infer D> ? D : never)[] = [];
    const bytesOf = (query: Buffer, { fits, flags, counts, junk }: (typeof sent)[number]): Buffer => {
      const question = questionOf(query);
      const [answers, authorities, additionals] = counts;
      return fits
        ? response(query, {
            flags,
            question: Buffer.concat([question, junk]),
            counts: [1, answers!, authorities!, additionals!],
          })
        : Buffer.from(junk);
    };
    const dns = await HostileServer.start(
      ({ bytes, question }) =>
        question.startsWith('good')
          ? response(bytes, { answers: [a(192, 0, 2, 1)] })
          : sent.map((each) => bytesOf(bytes, each)),
      (query, socket) => {
        for (const each of sent) socket.write(each.fits ? framed(bytesOf(query, each)) : each.junk);
      },
    );
    const counts = noCounts();
    const open = (timeoutMs: number): StubResolver =>
      new StubResolver({ servers: [dns.address], timeoutMs, now: () => 0, counts });
    const hasty = open(TIMEOUT_MS);
    await fc.assert(
      fc.asyncProperty(fc.array(datagram, { minLength: 1, maxLength: 5 }), async (datagrams) => {
        sent = datagrams;
        const answers = await Promise.all(
          (['a', 'aaaa', 'mx', 'ptr', 'txt'] as const).map((type) => hasty[type]('example.org', NEVER)),
        );
        for (const { status } of answers)
          expect(status).to.be.oneOf(['found', 'nxdomain', 'nodata', 'temperror']);
      }),
      { numRuns: 60 },
    );
    expect(await open(2000).a('good.example', NEVER)).to.include({ status: 'found' });
    expect(counts.foreign).to.be.greaterThan(0);
    expect(counts.broken).to.be.greaterThan(0);
    await dns.close();
  });
});
