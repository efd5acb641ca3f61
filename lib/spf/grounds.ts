/** Owns Grounds: all that an evaluation has heard from the DNS, and for how long and for whom else its result is true. */

import type { Answer, Mx } from '../dns/resolver.ts';

/** Whose senders and names the result would be the same for, with the same domain and client. */
export interface Validity {
  /** From the beginning of the evaluation; 0 or less: it is for nobody but who asked. */
  readonly seconds: number;
  /** True: only with the same HELO. */
  readonly ofHelo: boolean;
}

/** What stands for the client, the domain, or us: `%{l}`, `%{s}` and `%{t}` are of one sender and moment. */
const OF_ONE_SENDER = /%\{(?![dhiopvcr])/i;
const OF_HELO = /%\{h/i;

export const RECORD = /^v=spf1(?: |$)/i;

export class Grounds {
  /** Of what was asked: A and AAAA; both in one, for a client has one family. */
  readonly addresses: string[] = [];
  /** TXT records, by the name that was asked for, in lower case. */
  readonly texts = new Map<string, readonly string[]>();
  /** Host names of MX. */
  readonly exchanges: string[] = [];
  /** The DNS could not tell something, whatever that came to. */
  failed = false;
  #seconds = Infinity;
  #ofSender = false;
  #ofHelo = false;

  hear(type: string, name: string, answer: Answer<string>): void {
    this.#age(answer);
    if (answer.status !== 'found') return;
    const { records } = answer;
    if (type === 'A' || type === 'AAAA') this.addresses.push(...records);
    else if (type === 'TXT') this.#read(name, records);
  }

  hearMx(answer: Answer<Mx>): void {
    this.#age(answer);
    if (answer.status === 'found') this.exchanges.push(...answer.records.map(({ exchange }) => exchange));
  }

  get validity(): Validity {
    const seconds = this.failed || this.#ofSender ? 0 : this.#seconds;
    return { seconds, ofHelo: this.#ofHelo };
  }

  /** Texts that are records of SPF. */
  *records(): Generator<string> {
    for (const texts of this.texts.values()) for (const text of texts) if (RECORD.test(text)) yield text;
  }

  #age(answer: Answer<unknown>): void {
    if (answer.status === 'temperror') this.failed = true;
    // What is left of it is told in whole seconds, rounded up.
    else this.#seconds = Math.min(this.#seconds, answer.remembered === true ? answer.ttl - 1 : answer.ttl);
  }

  /** Whether it is a record or an explanation, or is not even used: few texts have macros. */
  #read(name: string, texts: readonly string[]): void {
    this.texts.set(name, texts);
    for (const text of texts) {
      if (!text.includes('%{')) continue;
      this.#ofSender ||= OF_ONE_SENDER.test(text);
      this.#ofHelo ||= OF_HELO.test(text);
    }
  }
}
