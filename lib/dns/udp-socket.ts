/** Owns UdpSocket: one connected socket, and which query waits there under which id. */

import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Codec } from './codec.ts';
import type { DnsCounts } from './dns-counts.ts';
import type { Query, Question, Reply } from './message.ts';
import type { ServerAddress } from './server-address.ts';

/** `unreachable`: the network says that nobody is there; `why` in words. */
export type Outcome<T> =
  | Reply<T>
  | { readonly kind: 'broken' }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Is told the outcome of one query, once or never. */
export type Listener<T> = (outcome: Outcome<T>) => void;

/** What we ask for is 1232 bytes; more than this nobody sends who has read our query. */
const LARGEST_DATAGRAM = 4096;

/** Is told once that the server has read a query, if it can be known: it has answered it, or one that was sent later. */
export type Read = () => void;

interface Waiting {
  readonly query: Query<unknown>;
  readonly listener: Listener<unknown>;
}

/**
 * The kernel picks the port at random, and drops what comes from any other address or port than the server's. Does not
 * keep the process alive.
 */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #codec: Codec;
  readonly #counts: DnsCounts;
  readonly #waiting = new Map<number, Waiting>();
  /** Those that the server may not have read yet, in the order in which they were sent. */
  readonly #unread = new Map<number, Read>();
  /** Null: connected. */
  #unsent: Buffer[] | null = [];
  /** Null: usable. */
  #fault: string | null = null;
  #retired = false;
  #closed = false;
  /** Queries so far. */
  used = 0;

  constructor({ host, port }: ServerAddress, codec: Codec, counts: DnsCounts) {
    this.#codec = codec;
    this.#counts = counts;
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('message', (bytes) => this.#heard(bytes));
    this.#socket.on('error', (error) => this.#unreachable(error));
    // Node calls it with an error too, such as ENETUNREACH; its types do not say so.
    this.#socket.connect(port, host, (error?: Error | null) => {
      if (error != null) return this.#unreachable(error);
      for (const bytes of this.#unsent ?? []) this.#transmit(bytes);
      this.#unsent = null;
    });
  }

  /** A new one should take its place. */
  get broken(): boolean {
    return this.#fault !== null;
  }

  /** Sends the query under an id that nobody can guess; returns how to stop listening. */
  ask<T>(question: Question<T>, edns: boolean, listener: Listener<T>, read?: Read): () => void {
    let id = randomInt(0x10000);
    while (this.#waiting.has(id)) id = randomInt(0x10000);
    this.used++;
    const query = this.#codec.encode(question, id, edns);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to a query is of the query's own type
    this.#waiting.set(id, { query, listener: listener as Listener<unknown> });
    if (read !== undefined) this.#unread.set(id, read);
    this.#counts.queries++;
    if (this.#unsent === null) this.#transmit(query.bytes);
    else this.#unsent.push(query.bytes);
    return () => this.#forget(id);
  }

  /** Takes no more queries, and is closed when nobody waits any more. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  #transmit(bytes: Buffer): void {
    try {
      this.#socket.send(bytes, (error) => {
        if (error !== null) this.#unreachable(error);
      });
    } catch (error) {
      // Who asks listens only once `ask` has returned.
      process.nextTick(() => this.#unreachable(error instanceof Error ? error : new Error(String(error))));
    }
  }

  #heard(bytes: Buffer): void {
    const waiting =
      bytes.length <= LARGEST_DATAGRAM && bytes.length >= 2
        ? this.#waiting.get(bytes.readUInt16BE(0))
        : undefined;
    const heard = waiting === undefined ? null : this.#codec.decode(bytes, waiting.query);
    if (waiting === undefined || heard === null || heard.kind === 'foreign') {
      // A forger gets as many guesses as fit into the time; the right answer may still come.
      this.#counts.foreign++;
      return;
    }
    if (heard.kind === 'broken') this.#counts.broken++;
    this.#hasRead(waiting.query.id);
    this.#forget(waiting.query.id);
    waiting.listener(heard);
  }

  /** Datagrams of one socket are read in their order, by whichever thread of the server has got it. */
  #hasRead(id: number): void {
    if (!this.#unread.has(id)) return;
    for (const [each, read] of this.#unread) {
      this.#unread.delete(each);
      read();
      if (each === id) return;
    }
  }

  /** Which query the network refused isn't said: all that wait here were for the same server. */
  #unreachable(error: Error): void {
    const why = reason(error);
    // What is connected keeps the address of ours that it began with, and the way back with it.
    if (this.#unsent !== null || !isRefused(error)) this.#fault = why;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#unread.clear();
    for (const { listener } of all) listener({ kind: 'unreachable', why });
    this.#closeIfDone();
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    this.#unread.delete(id);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#retired || this.#closed || this.#waiting.size > 0) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** There is a way to the server, but nobody listens at its end. */
function isRefused(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}

/** In an administrator's words where they are known. */
export function reason(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.message;
  switch (code) {
    case 'ECONNREFUSED':
      return 'no DNS server listens';
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return `there is no way to the DNS server (${code})`;
    default:
      return `the DNS server can't be asked (${code})`;
  }
}
