/** Our codec against another one, and against bytes that nobody should send. */

import { expect } from 'chai';
import { Packet } from 'dns2';
import type { Resource } from 'dns2';
import * as fc from 'fast-check';
import { decodeReply, encodeQuery, type Query, type Reply } from '../../lib/dns/message.ts';
import { A, AAAA, MX, PTR, TXT, type RecordType } from '../../lib/dns/record-type.ts';
import { a, pointer, record, response, soa, txt, TYPES, nameBytes, QUESTION } from '../support/dns/bytes.ts';

const TYPES_ASKED = [A, AAAA, MX, PTR, TXT] as const;

const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));
const id = fc.nat({ max: 0xffff });
const ttl = fc.nat({ max: 0x7fffffff });

/** What dns2 encodes, and what we must make of it. */
const valueOf: Readonly<Record<string, fc.Arbitrary<{ fields: object; value: unknown }>>> = {
  A: fc.ipV4().map((address) => ({ fields: { address }, value: address })),
  AAAA: fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }).map((groups) => {
    const address = groups.map((group) => group.toString(16)).join(':');
    return { fields: { address }, value: new URL(`http://[${address}]/`).hostname.slice(1, -1) };
  }),
  MX: fc.tuple(fc.nat({ max: 0xffff }), name).map(([preference, exchange]) => ({
    fields: { priority: preference, exchange },
    value: { preference, exchange },
  })),
  PTR: name.map((domain) => ({ fields: { domain }, value: domain })),
  TXT: fc
    .array(fc.stringMatching(/^[ -~]{0,255}$/), { minLength: 1, maxLength: 4 })
    .map((strings) => ({ fields: { data: strings }, value: strings.join('') })),
};

function asked<T>(type: RecordType<T>, from: string, number: number): Query<T> {
  return encodeQuery({ name: from, type }, number, true);
}

function reply<T>(bytes: Buffer, query: Query<T>): Reply<T> {
  const heard = decodeReply(bytes, query);
  if (heard.kind !== 'reply') throw new Error(heard.kind);
  return heard;
}

describe('A query', () => {
  it('is what another codec reads it as', () => {
    fc.assert(
      fc.property(name, id, fc.constantFrom(...TYPES_ASKED), fc.boolean(), (from, number, type, edns) => {
        const packet = Packet.parse(encodeQuery<unknown>({ name: from, type }, number, edns).bytes);
        expect(packet.errors).to.deep.equal([]);
        expect(packet.header).to.include({ id: number, qr: 0, rd: 1, qdcount: 1, ancount: 0, nscount: 0 });
        expect(packet.questions).to.have.length(1);
        expect(packet.questions[0]).to.include({ name: from, type: type.code, class: 1 });
        expect(packet.additionals.map(({ type, class: size }) => [type, size])).to.deep.equal(
          edns ? [[TYPES.OPT, 1232]] : [],
        );
      }),
    );
  });

  it('has the longest name', () => {
    const longest = [63, 63, 63, 61].map((length) => 'x'.repeat(length)).join('.');
    const { bytes } = asked(A, longest, 1);
    expect(Packet.parse(bytes).questions[0]!.name).to.equal(longest);
    expect(bytes).to.have.length(12 + 255 + 4 + 11);
  });
});

describe('An answer', () => {
  for (const type of TYPES_ASKED)
    it(`of type ${type.name} that another codec wrote is read`, () => {
      const records = fc.array(fc.tuple(valueOf[type.name]!, ttl), { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(name, id, records, (from, number, values) => {
          const query = encodeQuery<unknown>({ name: from, type }, number, true);
          const packet = Packet.createResponseFromRequest(Packet.parse(query.bytes));
          packet.additionals = [];
          for (const [{ fields }, ttl] of values)
            packet.answers.push({ name: from, type: type.code, class: 1, ttl, ...fields } as Resource);
          const heard = reply(packet.toBuffer(), query);
          expect(heard.records).to.deep.equal(
            values.map(([{ value }, ttl]) => ({ owner: from, ttl, value })),
          );
        }),
        { numRuns: 100 },
      );
    });

  it('mixes a mapped IPv4 address, and shortens no single zero', () => {
    const of = (...bytes: number[]): unknown =>
      reply(
        response(asked(AAAA, 'example', 1).bytes, {
          answers: [record({ type: TYPES.AAAA, value: Buffer.from(bytes) })],
        }),
        asked(AAAA, 'example', 1),
      ).records[0]!.value;
    expect(of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1)).to.equal('::ffff:192.0.2.1');
    expect(of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1)).to.equal('2001:db8:0:1:1:1:1:1');
    expect(of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).to.equal('::');
  });

  const sound = (bytes: Buffer): Buffer =>
    response(bytes, {
      answers: [
        record({ type: TYPES.CNAME, value: Buffer.concat([nameBytes('www').subarray(0, 4), QUESTION]) }),
        a(127, 0, 0, 2),
        txt('v=spf1', '-all'),
        record({ owner: pointer(12), type: TYPES.MX, value: Buffer.from([0, 10, 2, 0x6d, 0x78, 0xc0, 12]) }),
        record({ type: TYPES.PTR, value: nameBytes('mx.example') }),
      ],
      authorities: [soa(60, 30)],
      additionals: [
        record({ owner: Buffer.from([0]), type: TYPES.OPT, class: 1232, value: Buffer.alloc(0) }),
      ],
    });
  const header = (query: Query<unknown>): Buffer => query.bytes.subarray(0, -11);

  it('of any bytes is a reply, broken or foreign; never an exception, and never more than there is', () => {
    const tail = fc.uint8Array({ maxLength: 600 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 12 });
    const counts = fc.tuple(
      ...Array.from({ length: 3 }, () => fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 0xffff }))),
    );
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES_ASKED),
        fc.oneof(
          tail.map((bytes) => () => Buffer.from(bytes)),
          // The right header and question, then anything.
          fc.tuple(tail, counts).map(
            ([bytes, [answers, authorities, additionals]]) =>
              (query: Query<unknown>) =>
                Buffer.concat([
                  response(header(query), { counts: [1, answers!, authorities!, additionals!] }),
                  Buffer.from(bytes),
                ]),
          ),
          // A sound answer with bytes changed, and cut.
          fc.tuple(changes, fc.nat({ max: 300 })).map(([all, cut]) => (query: Query<unknown>) => {
            const bytes = sound(header(query));
            for (const [at, byte] of all) bytes[at % bytes.length] = byte;
            return bytes.subarray(0, Math.max(0, bytes.length - (cut > 200 ? cut - 200 : 0)));
          }),
        ),
        (type, make) => {
          const query = encodeQuery<unknown>({ name: 'www.example.org', type }, 0x1234, true);
          const bytes = make(query);
          const heard = decodeReply(bytes, query);
          kinds.add(heard.kind);
          if (heard.kind !== 'reply') return;
          expect(heard.records.length + heard.aliases.length).to.be.at.most(bytes.length / 11);
          for (const { owner, ttl, value } of heard.records) {
            expect(ttl).to.be.within(0, 0x7fffffff);
            // Every byte of a name may have become four characters.
            expect(owner.length).to.be.at.most(4 * 255);
            expect(JSON.stringify(value).length).to.be.at.most(6 * bytes.length + 4 * 255 + 40);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    expect([...kinds].sort()).to.deep.equal(['broken', 'foreign', 'reply']);
  });

  it('that is cut at any byte is not the whole one', () => {
    const query = asked(A, 'www.example.org', 7);
    const whole = sound(header(query));
    expect(reply(whole, query).records.map(({ value }) => value)).to.deep.equal(['127.0.0.2']);
    for (let end = 0; end < whole.length; end++) {
      const { kind } = decodeReply(whole.subarray(0, end), query);
      expect(kind, `cut at ${end}`).to.equal(end < 12 + 17 + 4 ? 'foreign' : 'broken');
    }
  });
});
