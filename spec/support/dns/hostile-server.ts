/** Owns a name server whose answers are bytes, whatever a spec makes of them: UDP and TCP on a port of 127.0.0.1. */

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { askedIn, u16 } from './bytes.ts';

export interface Asked {
  readonly bytes: Buffer;
  /** `example.org A` */
  readonly question: string;
  /** The n-th, from 0. */
  readonly n: number;
  /** Where it came from. */
  readonly port: number;
  /** Sends a datagram from the port that was asked. */
  send(bytes: Buffer): void;
}

/** What each query is answered with: none, one or several datagrams. */
export type UdpAnswer = (asked: Asked) => Buffer | readonly Buffer[] | null;
/** What is done with each query by TCP, its two bytes of length taken off. */
export type TcpAnswer = (query: Buffer, socket: Socket) => void;

export class HostileServer {
  /** For a resolver's `servers`: `127.0.0.1:40053`. */
  readonly address: string;
  readonly port: number;
  readonly asked: Asked[] = [];
  byTcp = 0;
  readonly #udp: UdpSocket;
  readonly #tcp: Server | null;
  readonly #sockets = new Set<Socket>();

  private constructor(udp: UdpSocket, tcp: Server | null) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    this.address = `127.0.0.1:${this.port}`;
  }

  /** Without `byTcp` nobody listens there. */
  static async start(answer: UdpAnswer, byTcp?: TcpAnswer): Promise<HostileServer> {
    for (;;) {
      const udp = createSocket('udp4');
      udp.bind(0, '127.0.0.1');
      await once(udp, 'listening');
      const tcp = byTcp === undefined ? null : await listening(udp.address().port);
      if (byTcp !== undefined && tcp === null) {
        udp.close();
        continue;
      }
      const server = new HostileServer(udp, tcp);
      udp.on('message', (bytes, from) => server.#answer(bytes, from, answer));
      if (byTcp !== undefined) tcp!.on('connection', (socket) => server.#answerByTcp(socket, byTcp));
      return server;
    }
  }

  async close(): Promise<void> {
    this.#udp.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#tcp === null) return;
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #answer(bytes: Buffer, from: RemoteInfo, answer: UdpAnswer): void {
    const send = (out: Buffer): void => this.#udp.send(out, from.port, from.address);
    const asked = { bytes, question: askedIn(bytes), n: this.asked.length, port: from.port, send };
    this.asked.push(asked);
    const out = answer(asked);
    for (const each of out === null ? [] : Buffer.isBuffer(out) ? [out] : out) send(each);
  }

  #answerByTcp(socket: Socket, answer: TcpAnswer): void {
    this.#sockets.add(socket);
    this.byTcp++;
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let heard = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk as Buffer]);
      if (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
        const query = heard.subarray(2, 2 + heard.readUInt16BE(0));
        heard = Buffer.alloc(0);
        answer(query, socket);
      }
    });
  }
}

/** RFC 1035 §4.2.2. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([u16(message.length), message]);
}

/** Null: the port is taken. */
async function listening(port: number): Promise<Server | null> {
  const server = createServer();
  const bound = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('listening', () => resolve(true));
  });
  server.listen(port, '127.0.0.1');
  return (await bound) ? server : null;
}
