/** Owns a Resolver that is made when it is first asked: a policy that asks the DNS nothing need not hold one. */

import type { Resolver } from './resolver.ts';

export function lateResolver(make: () => Promise<Resolver>): Resolver {
  let made: Promise<Resolver> | null = null;
  const resolver = (): Promise<Resolver> => (made ??= make());
  return {
    a: async (...asked) => (await resolver()).a(...asked),
    aaaa: async (...asked) => (await resolver()).aaaa(...asked),
    mx: async (...asked) => (await resolver()).mx(...asked),
    ptr: async (...asked) => (await resolver()).ptr(...asked),
    txt: async (...asked) => (await resolver()).txt(...asked),
  };
}
