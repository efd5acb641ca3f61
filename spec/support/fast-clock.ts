/** Owns FastClock: the world's time, some times as fast, for what a spec shares with programs that have clocks of their own. */

import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import type { Clock } from '../../lib/lists/clock.ts';

export class FastClock implements Clock {
  readonly #times: number;
  readonly #beganMs = performance.now();

  constructor(times: number) {
    this.#times = times;
  }

  readonly now = (): number => Date.now() + this.elapsed();

  readonly elapsed = (): number => (performance.now() - this.#beganMs) * this.#times;

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms / this.#times);
    return () => clearTimeout(timer);
  };

  /** What the DNS says will last so many seconds lasts longer by this clock. */
  resolver(dns: Resolver): Resolver {
    const slowly = async <T>(answer: Promise<Answer<T>>): Promise<Answer<T>> => {
      const told = await answer;
      return 'ttl' in told ? { ...told, ttl: told.ttl * this.#times } : told;
    };
    return {
      a: (...asked) => slowly(dns.a(...asked)),
      aaaa: (...asked) => slowly(dns.aaaa(...asked)),
      mx: (...asked) => slowly(dns.mx(...asked)),
      ptr: (...asked) => slowly(dns.ptr(...asked)),
      txt: (...asked) => slowly(dns.txt(...asked)),
    };
  }
}
