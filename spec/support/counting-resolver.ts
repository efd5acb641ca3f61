/** Owns CountingResolver: a Resolver that knows when everything that was asked has been answered. */

import { setImmediate as turn } from 'node:timers/promises';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';

export class CountingResolver implements Resolver {
  readonly #dns: Resolver;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(dns: Resolver) {
    this.#dns = dns;
  }

  /** Nobody waits for an answer any more, nor asks anything else because of one. */
  async quiet(): Promise<void> {
    do {
      await Promise.all(this.#pending);
      await turn();
    } while (this.#pending.size > 0);
  }

  readonly a: Resolver['a'] = (...asked) => this.#counted(this.#dns.a(...asked));
  readonly aaaa: Resolver['aaaa'] = (...asked) => this.#counted(this.#dns.aaaa(...asked));
  readonly mx: Resolver['mx'] = (...asked) => this.#counted(this.#dns.mx(...asked));
  readonly ptr: Resolver['ptr'] = (...asked) => this.#counted(this.#dns.ptr(...asked));
  readonly txt: Resolver['txt'] = (...asked) => this.#counted(this.#dns.txt(...asked));

  #counted<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
    this.#pending.add(answer);
    return answer.finally(() => this.#pending.delete(answer));
  }
}
