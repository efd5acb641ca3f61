/** What a server, or whoever speaks in its name, can send: each is taken for what it is, and nothing is believed too early. */

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import type { Answer } from '../../lib/dns/resolver.ts';
import { noCounts, type DnsCounts } from '../../lib/dns/dns-counts.ts';
import { StubResolver } from '../../lib/dns/stub-resolver.ts';
import {
  a,
  ANSWER,
  nameBytes,
  pointer,
  questionOf,
  rcode,
  record,
  response,
  soa,
  TRUNCATED,
  txt,
  TYPES,
  u16,
  u32,
} from '../support/dns/bytes.ts';
import { framed, HostileServer, type TcpAnswer, type UdpAnswer } from '../support/dns/hostile-server.ts';

const NEVER = new AbortController().signal;

/** Long enough for any answer that is there; where none comes, the time that is waited. */
const LONG = 5000;
const SHORT = 60;

const GOOD = a(192, 0, 2, 1);
const FOUND = { status: 'found', records: ['192.0.2.1'], ttl: 300 };

describe('A hostile name server', () => {
  let servers: HostileServer[] = [];
  let counts: DnsCounts;
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });

  async function serve(answer: UdpAnswer, byTcp?: TcpAnswer): Promise<HostileServer> {
    const server = await HostileServer.start(answer, byTcp);
    servers.push(server);
    return server;
  }

  function resolverOf(timeoutMs: number): StubResolver {
    counts = noCounts();
    return new StubResolver({
      servers: servers.map(({ address }) => address),
      timeoutMs,
      now: () => 0,
      counts,
    });
  }

  async function answerTo(answer: UdpAnswer, timeoutMs = LONG): Promise<Answer<string>> {
    await serve(answer);
    return resolverOf(timeoutMs).a('example.org', NEVER);
  }

  describe('that forges', () => {
    const forgeries: readonly (readonly [what: string, forge: (query: Buffer) => Buffer])[] = [
      ['another id', (query) => response(query, { id: query.readUInt16BE(0) ^ 1, answers: [GOOD] })],
      [
        'another question',
        (query) => response(query, { question: Buffer.concat([nameBytes('evil.example'), u16(1), u16(1)]) }),
      ],
      [
        'another type',
        (query) => response(query, { question: Buffer.concat([nameBytes('example.org'), u16(28), u16(1)]) }),
      ],
      [
        'another class',
        (query) => response(query, { question: Buffer.concat([nameBytes('example.org'), u16(1), u16(3)]) }),
      ],
      ['no question', (query) => response(query, { question: Buffer.alloc(0), counts: [0, 0, 0, 0] })],
      [
        'two questions',
        (query) =>
          response(query, {
            question: Buffer.concat([questionOf(query), questionOf(query)]),
            counts: [2, 0, 0, 0],
          }),
      ],
      ['our own query', (query) => query],
      ['a query in our name', (query) => response(query, { flags: 0x0100, answers: [GOOD] })],
      ['another opcode', (query) => response(query, { flags: ANSWER | 0x2000, answers: [GOOD] })],
      [
        'more than was asked for',
        (query) => Buffer.concat([response(query, { answers: [GOOD] }), Buffer.alloc(4096)]),
      ],
      ['a header that is cut', (query) => response(query).subarray(0, 11)],
      ['a question that is cut', (query) => response(query).subarray(0, 20)],
      ['no byte', () => Buffer.alloc(0)],
    ];
    for (const [what, forge] of forgeries) {
      it(`${what} is not believed, and the answer behind it is`, async () => {
        const answer = await answerTo(({ bytes }) => [forge(bytes), response(bytes, { answers: [GOOD] })]);
        expect(answer).to.deep.equal(FOUND);
        expect(counts.foreign).to.equal(1);
        expect(counts.queries).to.equal(1);
      });

      it(`${what} alone is no answer`, async () => {
        const answer = await answerTo(({ bytes }) => forge(bytes), SHORT);
        expect(answer).to.deep.equal({ status: 'temperror', why: `no answer within ${SHORT} ms` });
      });
    }

    it('an answer from another port is not heard', async () => {
      const other = createSocket('udp4');
      const answer = await answerTo(({ bytes, port }) => {
        other.send(response(bytes, { answers: [a(203, 0, 113, 66)] }), port, '127.0.0.1');
        return null;
      }, SHORT);
      expect(answer).to.include({ status: 'temperror' });
      expect(counts.foreign).to.equal(0);
      other.close();
    });

    it('an answer from another address is not heard', async () => {
      const other = createSocket('udp4');
      other.bind(servers[0]?.port ?? 0, '127.0.0.2');
      const answer = await answerTo(({ bytes, port }) => {
        other.send(response(bytes, { answers: [a(203, 0, 113, 66)] }), port, '127.0.0.1');
        return null;
      }, SHORT);
      expect(answer).to.include({ status: 'temperror' });
      other.close();
    });

    it('ids and ports differ from query to query, beyond a guess', async () => {
      const server = await serve(({ bytes }) => response(bytes, { authorities: [soa(60, 60)] }));
      const resolver = resolverOf(LONG);
      await Promise.all(Array.from({ length: 200 }, (_, n) => resolver.a(`h${n}.example.org`, NEVER)));
      const ids = server.asked.map(({ bytes }) => bytes.readUInt16BE(0));
      expect(new Set(ids).size).to.be.greaterThan(190);
      const steps = ids.slice(1).map((id, i) => id - ids[i]!);
      expect(new Set(steps).size).to.be.greaterThan(190);
      expect(new Set(server.asked.map(({ port }) => port)).size).to.equal(4);
    });

    it('ports are given up after two thousand queries', async () => {
      const server = await serve(({ bytes }) => response(bytes, { authorities: [soa(60, 60)] }));
      const resolver = resolverOf(LONG);
      const one = async (n: number): Promise<void> => {
        for (let i = 0; i < 150; i++) await resolver.a(`h${n}-${i}.example.org`, NEVER);
      };
      await Promise.all(Array.from({ length: 60 }, (_, n) => one(n)));
      const perPort = new Map<number, number>();
      for (const { port } of server.asked) perPort.set(port, (perPort.get(port) ?? 0) + 1);
      expect(perPort.size).to.be.greaterThan(4);
      expect(Math.max(...perPort.values())).to.equal(2000);
    });
  });

  describe('that sends what is broken', () => {
    /** 507 bytes of names that point to the next: without a limit each costs the square of their number. */
    const forward = (query: Buffer): Buffer => {
      const begin = 12 + questionOf(query).length + 12;
      const chain = Array.from({ length: 230 }, (_, i) => pointer(begin + 2 * (i + 1)));
      const value = Buffer.concat([...chain, Buffer.from([0])]);
      const bomb = record({ type: TYPES.TXT, value });
      const walker = record({ owner: pointer(begin), type: TYPES.A, value: Buffer.from([127, 0, 0, 2]) });
      return response(query, { answers: [bomb, walker] });
    };
    /** Each points strictly backwards, one step; and every record walks them all. */
    const backward = (query: Buffer, records: number): Buffer => {
      const begin = 12 + questionOf(query).length + 12;
      const chain = Array.from({ length: 100 }, (_, i) => pointer(i === 0 ? 12 : begin + 2 * (i - 1)));
      const bomb = record({ type: TYPES.TXT, value: Buffer.concat(chain) });
      const walker = record({
        owner: pointer(begin + 198),
        type: TYPES.A,
        value: Buffer.from([127, 0, 0, 2]),
      });
      return response(query, { answers: [bomb, ...Array.from({ length: records }, () => walker)] });
    };
    const loop = (query: Buffer): Buffer => {
      const at = 12 + questionOf(query).length;
      return response(query, {
        answers: [record({ owner: pointer(at), type: TYPES.A, value: Buffer.from([127, 0, 0, 2]) })],
      });
    };
    const long = Buffer.concat([
      ...Array.from({ length: 5 }, () => Buffer.from(`\x3f${'a'.repeat(63)}`)),
      Buffer.from([0]),
    ]);
    const cname = (value: Buffer, length?: number): Buffer =>
      record({ type: TYPES.CNAME, value, ...(length === undefined ? {} : { length }) });

    const broken: readonly (readonly [what: string, send: (query: Buffer) => Buffer])[] = [
      ['a chain of pointers forwards', forward],
      ['a chain of pointers backwards', (query) => backward(query, 1)],
      ['a hundred records that walk it', (query) => backward(query, 100)],
      ['a pointer to itself', loop],
      [
        'a pointer forwards',
        (query) => {
          const name = nameBytes('mx.example');
          const at = 12 + questionOf(query).length + 12;
          return response(query, {
            answers: [cname(pointer(at + 2 + 12)), record({ type: TYPES.PTR, value: name })],
          });
        },
      ],
      ['a pointer behind the end', (query) => response(query, { answers: [cname(pointer(4000))] })],
      ['a name of 320 bytes', (query) => response(query, { answers: [cname(long)] })],
      [
        'a label of another kind',
        (query) => response(query, { answers: [cname(Buffer.from([0x41, 0, 0]))] }),
      ],
      [
        'a name beyond its field',
        (query) => response(query, { answers: [cname(nameBytes('a.example'), 3)] }),
      ],
      ['a field beyond the message', (query) => response(query, { answers: [cname(nameBytes('a'), 999)] })],
      ['records that are not there', (query) => response(query, { answers: [GOOD], counts: [1, 7, 0, 0] })],
      ['65535 records', (query) => response(query, { answers: [GOOD], counts: [1, 65_535, 65_535, 65_535] })],
      [
        'an address of five bytes',
        (query) => response(query, { answers: [record({ type: TYPES.A, value: Buffer.alloc(5) })] }),
      ],
      ['an SOA that is cut', (query) => response(query, { authorities: [soa(60, 60).subarray(0, -3)] })],
      [
        'garbage',
        (query) => Buffer.concat([response(query, { counts: [1, 9, 0, 0] }), Buffer.from('garbage')]),
      ],
    ];
    for (const [what, send] of broken) {
      it(`${what}: the next server is asked at once`, async () => {
        await serve(({ bytes }) => send(bytes));
        await serve(({ bytes }) => response(bytes, { answers: [GOOD] }));
        expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.deep.equal(FOUND);
        expect(counts.broken).to.equal(1);
      });
    }

    it('more records than a thousand are not looked at', async () => {
      const many = (length: number): Buffer[] => Array.from({ length }, () => GOOD);
      for (const [length, status] of [
        [1000, 'found'],
        [1001, 'temperror'],
      ] as const) {
        await serve(
          ({ bytes }) => response(bytes, { flags: TRUNCATED }),
          (query, socket) => socket.end(framed(response(query, { answers: many(length) }))),
        );
        expect(await resolverOf(LONG).a('example.org', NEVER)).to.include({ status });
        await servers.pop()!.close();
      }
    });

    it('cannot tell if there is no other', async () => {
      expect(await answerTo(({ bytes }) => loop(bytes), 3_600_000)).to.deep.equal({
        status: 'temperror',
        why: 'the DNS server sent what is no answer',
      });
    });
  });

  describe('that says little', () => {
    const codes = { SERVFAIL: 2, NOTIMP: 4, REFUSED: 5, YXDOMAIN: 6, 'rcode 11': 11 } as const;
    for (const [why, code] of Object.entries(codes)) {
      it(`${why}: the next server is asked at once, and the last word is told`, async () => {
        await serve(({ bytes }) => response(bytes, { flags: rcode(code) }));
        const resolver = resolverOf(3_600_000);
        expect(await resolver.a('example.org', NEVER)).to.deep.equal({ status: 'temperror', why });
        await serve(({ bytes }) => response(bytes, { answers: [GOOD] }));
        expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.deep.equal(FOUND);
      });
    }

    it('a referral is no answer: it would look like a name without records', async () => {
      const ns = record({ owner: nameBytes('org'), type: TYPES.NS, value: nameBytes('ns.example') });
      expect(
        await answerTo(({ bytes }) => response(bytes, { flags: 0x8100, authorities: [ns] }), 3_600_000),
      ).to.include({ status: 'temperror' });
    });

    it('the high bits of EDNS belong to the code', async () => {
      const opt = record({
        owner: Buffer.from([0]),
        type: TYPES.OPT,
        ttl: 0x01000000,
        value: Buffer.alloc(0),
      });
      expect(await answerTo(({ bytes }) => response(bytes, { additionals: [opt] }), 3_600_000)).to.deep.equal(
        { status: 'temperror', why: 'BADVERS' },
      );
    });

    it('silence of the first server costs no more than a moment', async () => {
      await serve(() => null);
      await serve(({ bytes }) => response(bytes, { answers: [GOOD] }));
      const resolver = resolverOf(2000);
      expect(await resolver.a('example.org', NEVER)).to.deep.equal(FOUND);
      expect(servers[0]!.asked).to.have.length(1);
    });

    it('after a few silences the others are asked first', async () => {
      const silent = await serve(() => null);
      await serve(({ bytes }) => response(bytes, { answers: [GOOD] }));
      const resolver = resolverOf(200);
      for (let n = 0; n < 20; n++) expect(await resolver.a('example.org', NEVER)).to.deep.equal(FOUND);
      expect(silent.asked).to.have.length(3);
    });

    it('a datagram that is lost is sent again, with another id', async () => {
      const server = await serve(({ bytes, n }) => (n < 2 ? null : response(bytes, { answers: [GOOD] })));
      expect(await resolverOf(400).a('example.org', NEVER)).to.deep.equal(FOUND);
      expect(new Set(server.asked.map(({ bytes }) => bytes.readUInt16BE(0))).size).to.equal(3);
      expect(counts).to.include({ queries: 3, retries: 2 });
    });

    it('an answer to an earlier query is as good', async () => {
      const server = await serve(({ n }) => {
        const first = server.asked[0]!;
        if (n === 1) first.send(response(first.bytes, { answers: [GOOD] }));
        return null;
      });
      expect(await resolverOf(400).a('example.org', NEVER)).to.deep.equal(FOUND);
      expect(server.asked).to.have.length(2);
    });

    it('an answer that comes after the end is nobody’s', async () => {
      const server = await serve(({ bytes, question }) =>
        question.startsWith('late') ? null : response(bytes, { answers: [GOOD] }),
      );
      const resolver = resolverOf(40);
      expect(await resolver.a('late.example', NEVER)).to.include({ status: 'temperror' });
      const late = [...server.asked];
      for (const asked of late) asked.send(response(asked.bytes, { answers: [GOOD] }));
      // It comes by the same way, after them.
      for (const name of ['a', 'b', 'c', 'd']) await resolver.a(`${name}.example`, NEVER);
      expect(counts.foreign).to.equal(late.length);
    });

    it('a server from before EDNS is asked without', async () => {
      for (const [flags, counts] of [
        [rcode(1), [0, 0, 0, 0]],
        [rcode(1), [1, 0, 0, 0]],
        [rcode(4), [1, 0, 0, 0]],
      ] as const) {
        const server = await serve(({ bytes, n }) => {
          if (n > 0) return response(bytes, { answers: [GOOD] });
          return response(bytes, counts[0] === 0 ? { flags, counts, question: Buffer.alloc(0) } : { flags });
        });
        expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.deep.equal(FOUND);
        expect(server.asked.map(({ bytes }) => bytes.readUInt16BE(10))).to.deep.equal([1, 0]);
        await servers.pop()!.close();
      }
    });

    it('offers 1232 bytes by EDNS', async () => {
      await answerTo(({ bytes }) => response(bytes, { answers: [GOOD] }));
      const { bytes } = servers[0]!.asked[0]!;
      expect(bytes.subarray(-11)).to.deep.equal(
        Buffer.concat([Buffer.from([0]), u16(41), u16(1232), u32(0), u16(0)]),
      );
    });
  });

  describe('that cuts its answers', () => {
    const cut: UdpAnswer = ({ bytes }) =>
      response(bytes, { flags: TRUNCATED, answers: [a(203, 0, 113, 66)] });
    const whole: TcpAnswer = (query, socket) => socket.end(framed(response(query, { answers: [GOOD] })));
    const answers: readonly (readonly [what: string, answer: TcpAnswer | undefined, why: string])[] = [
      ['nobody listens by TCP', undefined, 'no DNS server listens by TCP, and its answer is cut by UDP'],
      [
        'another id by TCP',
        (query, socket) =>
          socket.write(framed(response(query, { id: query.readUInt16BE(0) ^ 1, answers: [GOOD] }))),
        'the DNS server sends by TCP what is no answer, and its answer is cut by UDP',
      ],
      [
        'another question by TCP',
        (query, socket) =>
          socket.write(
            framed(response(query, { question: Buffer.concat([nameBytes('evil.example'), u16(1), u16(1)]) })),
          ),
        'the DNS server sends by TCP what is no answer, and its answer is cut by UDP',
      ],
      [
        'cut by TCP again',
        (query, socket) => socket.write(framed(response(query, { flags: TRUNCATED }))),
        'the DNS server sends by TCP what is no answer, and its answer is cut by UDP',
      ],
      [
        'an end in the middle',
        (query, socket) => socket.end(framed(response(query, { answers: [GOOD] })).subarray(0, 30)),
        'the DNS server breaks off by TCP, and its answer is cut by UDP',
      ],
      [
        'an end before the length',
        (_, socket) => socket.end(Buffer.from([0])),
        'the DNS server breaks off by TCP, and its answer is cut by UDP',
      ],
      [
        'more than 32 KiB',
        (query, socket) => socket.write(framed(Buffer.concat([response(query), Buffer.alloc(40_000)]))),
        'the DNS server says too much by TCP, and its answer is cut by UDP',
      ],
    ];
    for (const [what, byTcp, why] of answers) {
      it(`${what}: cannot tell, and the next server can`, async () => {
        await serve(cut, byTcp);
        expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.deep.equal({
          status: 'temperror',
          why,
        });
        await serve(cut, whole);
        expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.deep.equal(FOUND);
      });
    }

    it('silence by TCP ends in time, and leaves time for the next server', async () => {
      await serve(cut, () => {});
      expect(await resolverOf(100).a('example.org', NEVER)).to.deep.equal({
        status: 'temperror',
        why: 'the DNS server says nothing by TCP, and its answer is cut by UDP',
      });
      await serve(cut, whole);
      expect(await resolverOf(2000).a('example.org', NEVER)).to.deep.equal(FOUND);
    });

    it('byte by byte is whole in the end', async () => {
      const drop = (socket: Socket, bytes: Buffer): void => {
        if (bytes.length > 0) socket.write(bytes.subarray(0, 1), () => drop(socket, bytes.subarray(1)));
      };
      await serve(cut, (query, socket) => drop(socket, framed(response(query, { answers: [GOOD] }))));
      expect(await resolverOf(LONG).a('example.org', NEVER)).to.deep.equal(FOUND);
      expect(counts.tcp).to.equal(1);
    });

    it('a lookup that nobody waits for gives up its connection', async () => {
      const closed = new Promise<void>((resolve) => {
        void serve(cut, (_, socket) => {
          socket.once('close', resolve);
          abort.abort();
        }).then(() => resolverOf(3_600_000).a('example.org', abort.signal));
      });
      const abort = new AbortController();
      await closed;
    });
  });

  describe('that says strange things', () => {
    it('an address outside 127.0.0.0/8 is an answer like any other', async () => {
      expect(await answerTo(({ bytes }) => response(bytes, { answers: [a(203, 0, 113, 66)] }))).to.deep.equal(
        { status: 'found', records: ['203.0.113.66'], ttl: 300 },
      );
    });

    const ttls = [
      [0, 0],
      [1, 1],
      [0x7fffffff, 0x7fffffff],
      // RFC 2181 §8.
      [0x80000000, 0],
      [0xffffffff, 0],
    ] as const;
    for (const [sent, ttl] of ttls)
      it(`a TTL of ${sent} is one of ${ttl}`, async () => {
        const value = Buffer.from([192, 0, 2, 1]);
        const answer = record({ type: TYPES.A, ttl: sent, value });
        expect(await answerTo(({ bytes }) => response(bytes, { answers: [answer] }))).to.include({ ttl });
      });

    const negatives: readonly (readonly [what: string, authorities: readonly Buffer[], ttl: number])[] = [
      ['the minimum of its SOA', [soa(3600, 60)], 60],
      ["its SOA's own TTL, if that is less", [soa(30, 900)], 30],
      ['no time at all without an SOA', [], 0],
    ];
    for (const [what, authorities, ttl] of negatives)
      it(`that a name is not there is true for ${what}`, async () => {
        await serve(({ bytes, question }) =>
          response(bytes, { flags: rcode(question.startsWith('no.') ? 3 : 0), authorities }),
        );
        const resolver = resolverOf(LONG);
        expect(await resolver.a('no.example', NEVER)).to.deep.equal({ status: 'nxdomain', ttl });
        expect(await resolver.a('example', NEVER)).to.deep.equal({ status: 'nodata', ttl });
      });

    it('of 200 records a hundred are told', async () => {
      const answers = Array.from({ length: 200 }, (_, n) => a(127, 0, 0, n));
      const answer = await answerTo(({ bytes }) => response(bytes, { answers }));
      if (answer.status !== 'found') throw new Error(answer.status);
      expect(answer.records).to.have.length(100);
      expect(answer.records[99]).to.equal('127.0.0.99');
    });

    it('a TXT record has every byte, as a character each', async () => {
      const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
      const text = `a\r\nb\0c\x1b[31m${all.slice(128)}`;
      await serve(({ bytes }) => response(bytes, { answers: [txt(text, '', 'v=\xe9')] }));
      expect(await resolverOf(LONG).txt('example.org', NEVER)).to.deep.include({
        records: [`${text}v=\xe9`],
      });
    });

    it('a TXT record longer than any that serves mail is left out', async () => {
      const long = txt(...Array.from({ length: 14 }, () => 'x'.repeat(250)));
      const longer = txt(...Array.from({ length: 40 }, () => 'y'.repeat(250)));
      await serve(
        ({ bytes }) => response(bytes, { flags: TRUNCATED }),
        (query, socket) => socket.end(framed(response(query, { answers: [long, longer] }))),
      );
      expect(await resolverOf(LONG).txt('example.org', NEVER)).to.deep.include({
        records: ['x'.repeat(3500)],
      });
    });

    it('what stands in a name is told as a zone file has it', async () => {
      const strange = Buffer.concat([
        Buffer.from('\x05a.b\\ ', 'latin1'),
        Buffer.from('\x03\0\r\xe9', 'latin1'),
      ]);
      const value = Buffer.concat([strange, nameBytes('example')]);
      await serve(({ bytes }) => response(bytes, { answers: [record({ type: TYPES.PTR, value })] }));
      expect(await resolverOf(LONG).ptr('1.2.0.192.in-addr.arpa', NEVER)).to.deep.include({
        records: ['a\\.b\\\\\\032.\\000\\013\\233.example'],
      });
    });

    it('records of others than the name that was asked for are nobody’s', async () => {
      const other = record({
        owner: nameBytes('evil.example'),
        type: TYPES.A,
        value: Buffer.from([127, 0, 0, 2]),
      });
      const chaos = record({ type: TYPES.A, class: 3, value: Buffer.from([127, 0, 0, 2]) });
      expect(
        await answerTo(({ bytes }) => response(bytes, { answers: [other, chaos], authorities: [soa(9, 9)] })),
      ).to.deep.equal({ status: 'nodata', ttl: 9 });
    });
  });

  describe('that renames', () => {
    const alias = (from: string, to: string, ttl = 300): Buffer =>
      record({ owner: nameBytes(from), type: TYPES.CNAME, ttl, value: nameBytes(to) });
    const address = (owner: string): Buffer =>
      record({ owner: nameBytes(owner), type: TYPES.A, value: Buffer.from([192, 0, 2, 1]) });

    it('CNAMEs are followed in whatever order, in either case, with the shortest TTL', async () => {
      const answers = [
        address('C.Example'),
        alias('B.example', 'c.example', 7),
        alias('EXAMPLE.org', 'b.example'),
      ];
      expect(await answerTo(({ bytes }) => response(bytes, { answers }))).to.deep.equal({ ...FOUND, ttl: 7 });
    });

    it('a circle is no answer', async () => {
      for (const answers of [
        [alias('example.org', 'example.org')],
        [alias('example.org', 'b.example'), alias('b.example', 'example.org')],
      ]) {
        expect(await answerTo(({ bytes }) => response(bytes, { answers }))).to.deep.equal({
          status: 'temperror',
          why: 'CNAMEs lead in a circle, or through more than 16 names',
        });
        await servers.pop()!.close();
      }
    });

    for (const [length, status] of [
      [16, 'found'],
      [17, 'temperror'],
      [300, 'temperror'],
    ] as const)
      it(`a chain of ${length} is ${status}`, async () => {
        const name = (n: number): string => (n === 0 ? 'example.org' : `h${n}.example`);
        const chain = Array.from({ length }, (_, n) => alias(name(n), name(n + 1)));
        const answers = [...chain, address(name(length))];
        await serve(
          ({ bytes }) => response(bytes, { flags: TRUNCATED }),
          (query, socket) => socket.end(framed(response(query, { answers }))),
        );
        expect(await resolverOf(LONG).a('example.org', NEVER)).to.include({ status });
      });

    it('a chain that is not at its end is asked on', async () => {
      const server = await serve(({ bytes, question }) => {
        if (question === 'c.example A') return response(bytes, { answers: [GOOD] });
        const from = question.split(' ')[0]!;
        return response(bytes, {
          answers: [alias(from, from === 'b.example' ? 'c.example' : 'b.example', 20)],
        });
      });
      expect(await resolverOf(LONG).a('example.org', NEVER)).to.deep.equal({ ...FOUND, ttl: 20 });
      expect(server.asked.map(({ question }) => question)).to.deep.equal([
        'example.org A',
        'b.example A',
        'c.example A',
      ]);
    });

    it('a chain that never ends is left', async () => {
      const server = await serve(({ bytes, n }) =>
        response(bytes, { answers: [record({ type: TYPES.CNAME, value: nameBytes(`h${n}.example`) })] }),
      );
      expect(await resolverOf(3_600_000).a('example.org', NEVER)).to.include({ status: 'temperror' });
      expect(server.asked).to.have.length(17);
    });

    it('the end of a chain may be missing, or have no such record', async () => {
      const answers = [alias('example.org', 'b.example', 20)];
      const authorities = [soa(40, 40)];
      for (const [flags, status] of [
        [rcode(3), 'nxdomain'],
        [ANSWER, 'nodata'],
      ] as const) {
        expect(await answerTo(({ bytes }) => response(bytes, { flags, answers, authorities }))).to.deep.equal(
          { status, ttl: 20 },
        );
        await servers.pop()!.close();
      }
    });

    it('a chain may lead to a name that nobody can ask for', async () => {
      const value = Buffer.concat([Buffer.from('\x03a.b', 'latin1'), nameBytes('example')]);
      expect(
        await answerTo(({ bytes }) => response(bytes, { answers: [record({ type: TYPES.CNAME, value })] })),
      ).to.deep.equal({ status: 'nodata', ttl: 0 });
    });
  });
});
