/** Owns NameServer: one server, the sockets to it, whose turn it is, and whether it has been heard of lately. */

import type { Codec } from './codec.ts';
import type { DnsCounts } from './dns-counts.ts';
import type { Question } from './message.ts';
import { parseServerAddress, type ServerAddress } from './server-address.ts';
import { askByTcp, type TcpOutcome } from './tcp-question.ts';
import { Turns } from './turns.ts';
import { UdpSocket, type Listener, type Read } from './udp-socket.ts';

/** Queries that the server may not have read yet. Beyond this a burst overflows its socket buffer, and is asked again in vain. */
export const AT_ONCE = 64;
const TCP_AT_ONCE = 16;

/** Each has a port of its own; more would make no forgery harder. */
const SOCKETS = 4;
const QUERIES_PER_SOCKET = 2000;
const SOCKET_LIFETIME_MS = 120_000;

/** Without one answer in between. */
const SILENCES = 3;

export interface Transport {
  /** How many queries may be on the way to one server; absent: AT_ONCE. */
  readonly atOnce?: number;
  readonly codec: Codec;
  readonly counts: DnsCounts;
  /** Of a server that is silent: so long others are asked first, then one lookup tries it again. */
  readonly restMs: number;
}

export class NameServer {
  readonly address: ServerAddress;
  readonly turns: Turns;
  readonly #tcpTurns = new Turns(TCP_AT_ONCE);
  readonly #transport: Transport;
  readonly #sockets: (UdpSocket | undefined)[] = [];
  #next = 0;
  #silences = 0;
  #resting = false;
  #trialDue = false;
  #restTimer: NodeJS.Timeout | undefined;

  /** Throws TypeError if it is no address with or without a port. */
  constructor(written: string, transport: Transport) {
    const address = parseServerAddress(written);
    if (address === null) throw new TypeError(`not an address of a DNS server: ${written}`);
    this.address = address;
    this.#transport = transport;
    this.turns = new Turns(transport.atOnce ?? AT_ONCE);
  }

  /** True: it has been silent again and again; others should be asked first. */
  get resting(): boolean {
    return this.#resting;
  }

  /** True once after each rest, for whoever asks: one lookup is to find out whether it answers again. */
  takeTrial(): boolean {
    if (!this.#trialDue) return false;
    this.#leaveSockets();
    this.#rest();
    return true;
  }

  ask<T>(question: Question<T>, edns: boolean, listener: Listener<T>, read?: Read): () => void {
    const heard: Listener<T> = (outcome) => {
      if (outcome.kind === 'unreachable') this.#fail();
      else this.#answered();
      listener(outcome);
    };
    return this.#socket().ask(question, edns, heard, read);
  }

  /** `timeoutMs` is from its turn on; whoever waits for a turn gives up by `signal`. */
  askByTcp<T>(
    question: Question<T>,
    { edns, timeoutMs, signal }: { edns: boolean; timeoutMs: number; signal: AbortSignal },
  ): Promise<TcpOutcome<T>> {
    const { codec, counts } = this.#transport;
    return new Promise((resolve) => {
      let stepOut = (): void => {};
      const aborted = (): void => {
        stepOut();
        resolve({ kind: 'failed', why: 'nobody waited for the DNS server' });
      };
      signal.addEventListener('abort', aborted, { once: true });
      stepOut = this.#tcpTurns.take(async () => {
        counts.tcp++;
        const outcome = await askByTcp(this.address, question, { codec, edns, timeoutMs, signal });
        if (outcome.kind === 'reply') counts.answers++;
        resolve(outcome);
      });
    });
  }

  /** To be told when a query is not answered in its time. */
  silent(): void {
    if (++this.#silences >= SILENCES) this.#fail();
  }

  /** What fails while it rests does not make the rest longer: who has no other server fails all the time. */
  #fail(): void {
    if (!this.#resting) this.#rest();
  }

  #rest(): void {
    this.#resting = true;
    this.#trialDue = false;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => (this.#trialDue = true), this.#transport.restMs).unref();
  }

  #answered(): void {
    this.#transport.counts.answers++;
    this.#silences = 0;
    this.#resting = false;
  }

  /** An address of ours that they are bound to may be gone. Who waits there still hears what comes. */
  #leaveSockets(): void {
    for (const socket of this.#sockets.splice(0)) socket?.retire();
  }

  #socket(): UdpSocket {
    const i = (this.#next = (this.#next + 1) % SOCKETS);
    const there = this.#sockets[i];
    if (there !== undefined && !there.broken && there.used < QUERIES_PER_SOCKET) return there;
    there?.retire();
    const made = new UdpSocket(this.address, this.#transport.codec, this.#transport.counts);
    this.#sockets[i] = made;
    setTimeout(() => {
      if (this.#sockets[i] === made) this.#sockets[i] = undefined;
      made.retire();
    }, SOCKET_LIFETIME_MS).unref();
    return made;
  }
}
