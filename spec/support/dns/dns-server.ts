/** Owns the DNS server of specs: real UDP and TCP on a port of 127.0.0.1, in this process. */

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { Packet, TCPServer, UDPServer } from 'dns2';
import type { DnsHandler, Resource } from 'dns2';
import { unescaped, Zone } from '../../../lib/dns/zone.ts';
import type { Fault, RecordType, ZoneRecord } from '../../../lib/dns/zone.ts';

const TYPES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Packet.TYPE).map(([name, code]) => [code, name]),
);

const RCODES: Partial<Record<Fault, number>> = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** RFC 1035 §4.1.1. */
const ANSWER_COUNT_AT = 6;

export class DnsServer {
  /** For a resolver's `servers`: `127.0.0.1:40053`. */
  readonly address: string;
  /** Every question so far, `example.org MX`, as the client wrote it. */
  readonly queries: string[] = [];
  #zone: Zone;
  readonly #udp: UDPServer;
  readonly #tcp: TCPServer;
  readonly #sockets = new Set<Socket>();

  private constructor(zone: Zone, udp: UDPServer, tcp: TCPServer) {
    this.#zone = zone;
    this.#udp = udp;
    this.#tcp = tcp;
    this.address = `127.0.0.1:${udp.address().port}`;
    const answer: DnsHandler = (request, send) => this.#answer(request, send);
    udp.on('request', answer);
    tcp.on('request', answer);
    tcp.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** `lines`: see Zone. A fixed `port` is for private networks only. */
  static async start(lines: readonly string[] = [], port = 0): Promise<DnsServer> {
    for (;;) {
      const tcp = new TCPServer();
      tcp.listen(port, '127.0.0.1');
      await once(tcp, 'listening');
      const udp = new UDPServer();
      // The port of the one may be taken for the other: then both try another.
      const bound = await new Promise<boolean>((resolve) => {
        udp.once('error', () => resolve(false));
        udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1', () => resolve(true));
      });
      if (bound) return new DnsServer(new Zone(lines), udp, tcp);
      tcp.close();
      if (port !== 0) throw new Error(`UDP port ${port} is taken`);
    }
  }

  /** Replaces the whole zone. */
  serve(lines: readonly string[]): void {
    this.#zone = new Zone(lines);
  }

  async close(): Promise<void> {
    const closed = Promise.all([once(this.#udp, 'close'), once(this.#tcp, 'close')]);
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(request: Packet, send: (response: Packet | Buffer) => Promise<Buffer>): void {
    const question = request.questions[0]!;
    const type = TYPES[question.type] ?? String(question.type);
    this.queries.push(`${question.name} ${type}`);
    const answer = this.#zone.answer(question.name, type);
    if (answer.status === 'SILENCE') return;
    const response = Packet.createResponseFromRequest(request);
    response.header.ra = 1;
    if (answer.status === 'GARBAGE') {
      const bytes = Buffer.concat([response.toBuffer(), Buffer.from('garbage')]);
      bytes.writeUInt16BE(7, ANSWER_COUNT_AT);
      void send(bytes);
      return;
    }
    if (answer.status === 'WRONG-NAME') question.name = 'evil.example';
    response.header.rcode = RCODES[answer.status as Fault] ?? 0;
    if ('records' in answer) response.answers.push(...answer.records.map(resource));
    if (response.answers.length === 0) response.authorities.push(startOfAuthority(question.name));
    void send(response);
  }
}

function resource(record: ZoneRecord): Resource {
  return { name: record.name, class: Packet.CLASS.IN, ttl: record.ttl, ...data(record) } as Resource;
}

function data({ type, value }: ZoneRecord): { type: number } & Partial<Resource> {
  const code = Packet.TYPE[type satisfies RecordType];
  switch (type) {
    case 'A':
    case 'AAAA':
      return { type: code, address: value };
    case 'MX': {
      const [priority, exchange] = value.split(/\s+/);
      return { type: code, priority: Number(priority), exchange: exchange! };
    }
    case 'TXT':
      return { type: code, data: strings(value) };
    case 'PTR':
    case 'CNAME':
      return { type: code, domain: value };
    case 'NS':
      return { type: code, ns: value };
  }
}

/** `"a b" "c"` → `a b`, `c`; without quotes it is one string. */
function strings(value: string): string[] {
  const quoted = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => unescaped(text!));
  return quoted.length > 0 ? quoted : [value];
}

/** Of negative answers: their time to live is its minimum (RFC 2308 §5). */
function startOfAuthority(name: string): Resource {
  return {
    name,
    type: Packet.TYPE.SOA,
    class: Packet.CLASS.IN,
    ttl: 30,
    primary: 'ns.example',
    admin: 'hostmaster.example',
    serial: 1,
    refresh: 3600,
    retry: 600,
    expiration: 86_400,
    minimum: 30,
  } as Resource;
}
