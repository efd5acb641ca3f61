/** Owns AskedOnce: what one evaluation has asked the DNS, each question once, and what may still be asked. */

import { NO_NAME_TTL, type Answer, type Mx, type Resolver } from '../dns/resolver.ts';
import { addressBytes, type Address } from '../mail/network.ts';
import { Grounds } from './grounds.ts';

type NameType = 'A' | 'AAAA' | 'PTR' | 'TXT';

const UNASKED: Answer<never> = { status: 'nodata', ttl: NO_NAME_TTL };

export class AskedOnce {
  /** What went wrong in our own resolver: mailauth would take it for an answer. */
  bug: { readonly error: unknown } | null = null;
  readonly grounds: Grounds;
  readonly #resolver: Resolver;
  readonly #signal: AbortSignal;
  readonly #names: Map<string, Promise<Answer<string>>>;
  readonly #exchanges: Map<string, Promise<Answer<Mx>>>;
  /** Null: everything may be asked. */
  #about: readonly string[] | null;

  constructor(resolver: Resolver, signal: AbortSignal, before: AskedOnce | null = null, about?: Address) {
    this.#resolver = resolver;
    this.#signal = signal;
    this.grounds = before === null ? new Grounds() : before.grounds;
    this.#names = before === null ? new Map() : before.#names;
    this.#exchanges = before === null ? new Map() : before.#exchanges;
    this.#about = about === undefined ? null : spellings(about);
  }

  /**
   * For another client of the same domain: what has been asked is answered, and beyond that only names are asked that are
   * made of his address (`exists:%{ir}.…`), so that trying him costs next to nothing. Where such a name leads to other names
   * (`include:%{ir}.…`), these are asked too: they may be his alone.
   */
  onlyAbout(address: Address): AskedOnce {
    return new AskedOnce(this.#resolver, this.#signal, this, address);
  }

  /** Nobody waits for answers any more. */
  get isOver(): boolean {
    return this.#signal.aborted;
  }

  names(type: NameType, name: string): Promise<Answer<string>> {
    const lower = name.toLowerCase();
    const ask = (): Promise<Answer<string>> =>
      this.#heard(this.#ask(type, name), (answer) => {
        this.grounds.hear(type, lower, answer);
        if (type === 'TXT') this.#follow(answer);
      });
    return this.#once(this.#names, `${type} ${lower}`, type !== 'PTR', ask);
  }

  mx(name: string): Promise<Answer<Mx>> {
    const ask = (): Promise<Answer<Mx>> =>
      this.#heard(this.#resolver.mx(name, this.#signal), (answer) => {
        this.grounds.hearMx(answer);
        this.#follow(answer);
      });
    return this.#once(this.#exchanges, name.toLowerCase(), true, ask);
  }

  #follow({ status }: Answer<unknown>): void {
    if (status === 'found') this.#about = null;
  }

  #ask(type: NameType, name: string): Promise<Answer<string>> {
    switch (type) {
      case 'A':
        return this.#resolver.a(name, this.#signal);
      case 'AAAA':
        return this.#resolver.aaaa(name, this.#signal);
      case 'PTR':
        return this.#resolver.ptr(name, this.#signal);
      case 'TXT':
        return this.#resolver.txt(name, this.#signal);
    }
  }

  #heard<T>(answer: Promise<Answer<T>>, hear: (answer: Answer<T>) => void): Promise<Answer<T>> {
    return answer.then(
      (said) => {
        hear(said);
        return said;
      },
      (error: unknown) => {
        this.bug ??= { error };
        throw error;
      },
    );
  }

  #once<T>(
    asked: Map<string, Promise<Answer<T>>>,
    question: string,
    mayBeMadeOfAddress: boolean,
    ask: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const before = asked.get(question);
    if (before !== undefined) return before;
    if (this.#about !== null && !(mayBeMadeOfAddress && this.#about.some((each) => question.includes(each))))
      return Promise.resolve(UNASKED);
    const answer = ask();
    asked.set(question, answer);
    return answer;
  }
}

/** As `%{i}` and `%{ir}` write it. */
export function spellings(address: Address): readonly string[] {
  const { family, text } = address;
  const parts =
    family === 'ipv4' ? text.split('.') : Buffer.from(addressBytes(address)).toString('hex').split('');
  return [parts.join('.'), parts.toReversed().join('.')];
}
