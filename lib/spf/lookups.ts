/** Owns the lookups of one evaluation: our resolver as mailauth asks it, within the limits of RFC 7208 §4.6.4. */

import type { SpfResolve } from 'mailauth/lib/spf/spf-verify.js';
import type { Answer } from '../dns/resolver.ts';
import type { AskedOnce } from './asked-once.ts';
import type { SpfLimits } from './evaluator.ts';
import { SpfStop } from './stop.ts';

/** Addresses of one `mx`; of `ptr` mailauth takes as many names itself. */
const MOST_ADDRESSES = 10;

/** §3.4 wants 450 octets, and what is in use has up to 2,000; more costs us more than it is worth. */
const LONGEST_RECORD = 4096;
const LONGEST_EXPLANATION = 2048;
/** Each may stand for a whole address. */
const MOST_MACROS = 100;

export class SpfLookups {
  /** Terms that asked. */
  terms = 0;
  readonly #asked: AskedOnce;
  readonly #limits: SpfLimits;
  readonly #purse: Purse;
  #voids = 0;
  #begun = false;

  constructor(asked: AskedOnce, limits: SpfLimits, purse: Purse) {
    this.#asked = asked;
    this.#limits = limits;
    this.#purse = purse;
  }

  get bug(): AskedOnce['bug'] {
    return this.#asked.bug;
  }

  /** For the terms of records; the record itself is the first, and does not count. */
  readonly ofTerms: SpfResolve = async (name, type) => {
    const first = !this.#begun;
    this.#begun = true;
    if (!first && ++this.terms > this.#limits.lookups)
      throw new SpfStop('permerror', `more than ${this.#limits.lookups} lookups`);
    const records = await this.#ask(name, type);
    if (records.length === 0 && !first && ++this.#voids > this.#limits.voidLookups)
      throw new SpfStop('permerror', `more than ${this.#limits.voidLookups} lookups found nothing`);
    return records;
  };

  /** For explanations, which count for nothing. */
  readonly uncounted: SpfResolve = (name, type) => this.#ask(name, type);

  /**
   * For the hosts that one `mx` or `ptr` names, one after the other: mailauth asks those of `ptr` all at once, and a few
   * clients whose hosts nobody answers for would take every turn that there is to ask the DNS.
   */
  readonly ofHosts = (): SpfResolve => {
    let hosts = 0;
    let before: Promise<unknown> = Promise.resolve();
    return async (name, type) => {
      if (++hosts > MOST_ADDRESSES)
        throw new SpfStop('permerror', `more than ${MOST_ADDRESSES} hosts behind one mechanism`);
      const answer = before.then(() => this.#ask(name, type));
      before = answer.catch(() => {});
      return answer;
    };
  };

  /** Rejects with SpfStop where the DNS could not tell. A list of its own each time: mailauth sorts what it gets. */
  async #ask(name: string, type: string): Promise<readonly unknown[]> {
    switch (type) {
      case 'A':
      case 'AAAA':
      case 'PTR':
        return this.#records(name, await this.#asked.names(type, name));
      case 'MX':
        return this.#records(name, await this.#asked.mx(name)).map(({ preference, exchange }) => ({
          priority: preference,
          exchange,
        }));
      case 'TXT':
        return this.#records(name, await this.#asked.names('TXT', name)).map((text) => [
          this.#text(text, name),
        ]);
      default:
        throw new RangeError(`mailauth asks for ${type}`);
    }
  }

  /** A record that would cost too much is an error, and another text no explanation. */
  #text(text: string, name: string): string {
    const isRecord = /^v=spf1(?: |$)/i.test(text);
    const tooLong =
      text.length > (isRecord ? LONGEST_RECORD : LONGEST_EXPLANATION) || macros(text) > MOST_MACROS;
    if (isRecord && tooLong) throw new SpfStop('permerror', `the record of ${name} is too long`);
    if (tooLong) return '';
    if (isRecord) this.#purse.pay('characters', text.length, name);
    return withoutRanges(text);
  }

  #records<T>(name: string, answer: Answer<T>): readonly T[] {
    switch (answer.status) {
      case 'found':
        this.#purse.pay('records', answer.records.length, name);
        return answer.records;
      case 'nxdomain':
      case 'nodata':
        return [];
      case 'temperror':
        if (this.#asked.isOver) throw new SpfStop('temperror', 'the time for the evaluation is over', true);
        throw new SpfStop('temperror', `${name}: ${answer.why}`);
    }
  }
}

/**
 * What may still be read. One answer may hold thousands of records and be asked for again by each term, and each is compared
 * or read anew: without an end to it, one sender keeps everybody else waiting for seconds.
 */
export class Purse {
  // Who is honest needs a hundredth of the one and a tenth of the other.
  readonly #left = { records: 1000, characters: 40_000 };

  /** Somebody wanted more than there was. */
  get isEmpty(): boolean {
    return this.#left.records < 0 || this.#left.characters < 0;
  }

  /** Throws SpfStop when there is not so much left. */
  pay(what: 'records' | 'characters', amount: number, name: string): void {
    this.#left[what] -= amount;
    if (this.#left[what] < 0) throw new SpfStop('permerror', `too much to read, at last of ${name}`);
  }
}

function macros(text: string): number {
  return text.includes('%') ? text.split('%').length - 1 : 0;
}

/**
 * The same delimiters with the hyphen last: mailauth makes a character class of them as they stand, where `.-+` is a range
 * that ends before it begins, and `+-/` one that has the dot in it. `%{l1r.-+}` → `%{l1r.+-}`.
 */
function withoutRanges(text: string): string {
  return text.replace(/%%|(%\{[a-z]\d*r?)([.\-+,/_=]*)\}/gi, (whole, begin?: string, delimiters = '') =>
    begin === undefined || !delimiters.includes('-') ? whole : `${begin}${delimiters.replaceAll('-', '')}-}`,
  );
}
