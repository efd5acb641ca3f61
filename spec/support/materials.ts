/** Owns what a policy is compiled with where nothing is looked up and nothing is remembered for long. */

import type { Materials } from '../../lib/config/policy-checks.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';

const unanswered = (): Promise<Answer<never>> =>
  Promise.resolve({ status: 'temperror', why: 'there is no DNS here' });

export const NO_DNS: Resolver = {
  a: unanswered,
  aaaa: unanswered,
  mx: unanswered,
  ptr: unanswered,
  txt: unanswered,
};

/** Every list is proven sane. */
export const SOUND_LISTS: Materials['lists'] = {
  health: {
    standing: () => ({ state: 'alive', sinceMs: 0, outForMs: null, why: null, instead: null, proven: true }),
    touch: () => {},
    isOut: () => false,
    believes: () => true,
    madness: () => 0,
    saw: () => {},
  },
  elapsed: () => 0,
  named: () => true,
};

export function materials(tables: Materials['tables']): Materials {
  return {
    greylisting: {
      store: openMemoryStore(),
      timings: { delayMs: 1, windowMs: 2, lifetimeMs: 3 },
      origins: ['network'],
      ipv4Prefix: 24,
      ipv6Prefix: 64,
      now: () => 0,
    },
    resolver: NO_DNS,
    lists: SOUND_LISTS,
    own: { names: ['mx.example.org'], addresses: [] },
    tables,
  };
}
