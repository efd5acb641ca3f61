/** Owns CachingLane: what is remembered of the DNS, and the resolver by which those ask who share a lane. */

import { Remembered, type Memory } from './remembered.ts';
import type { Answer, Mx, Resolver } from './resolver.ts';

export class CachingLane implements Resolver {
  /** Asks the DNS each time, by the same sockets, and leaves no trace here. */
  readonly fresh: Resolver;
  readonly #a: Remembered<string>;
  readonly #aaaa: Remembered<string>;
  readonly #mx: Remembered<Mx>;
  readonly #ptr: Remembered<string>;
  readonly #txt: Remembered<string>;

  constructor(dns: Resolver, memory: Memory) {
    this.fresh = dns;
    this.#a = new Remembered('A', (...asked) => dns.a(...asked), memory);
    this.#aaaa = new Remembered('AAAA', (...asked) => dns.aaaa(...asked), memory);
    this.#mx = new Remembered('MX', (...asked) => dns.mx(...asked), memory);
    this.#ptr = new Remembered('PTR', (...asked) => dns.ptr(...asked), memory);
    this.#txt = new Remembered('TXT', (...asked) => dns.txt(...asked), memory);
  }

  a(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#a.ask(name, signal);
  }

  aaaa(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#aaaa.ask(name, signal);
  }

  mx(name: string, signal: AbortSignal): Promise<Answer<Mx>> {
    return this.#mx.ask(name, signal);
  }

  ptr(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ptr.ask(name, signal);
  }

  txt(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#txt.ask(name, signal);
  }
}
