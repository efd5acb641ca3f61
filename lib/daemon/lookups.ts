/** Owns Lookups: how the DNS is asked, and the health of the DNS lists, for as long as the service runs. */

import { isDeepStrictEqual } from 'node:util';
import type { DnsSettings } from '../config/dns-settings.ts';
import { CachingResolver } from '../dns/caching-resolver.ts';
import { noCounts } from '../dns/dns-counts.ts';
import { lateResolver } from '../dns/late-resolver.ts';
import type { Answer, Resolver } from '../dns/resolver.ts';
import { sleeplessClock } from '../dns/sleepless-clock.ts';
import { systemClock } from '../lists/clock.ts';
import type { ListFigures } from '../lists/list-figures.ts';
import type { ListChange } from '../lists/list-health.ts';
import { ListsInUse } from '../lists/lists-in-use.ts';
import { ProbedHealth } from '../lists/probed-health.ts';

export class Lookups {
  readonly lists: ListsInUse;
  #now: { readonly settings: DnsSettings; readonly resolver: CachingResolver } | null = null;

  /** `onChange`: once for each change of a list's state. */
  constructor(onChange: (change: ListChange) => void) {
    this.lists = new ListsInUse(new ProbedHealth({ resolver: this.#past(), clock: systemClock, onChange }));
  }

  /** What is remembered of the DNS outlives a reload that leaves `dns:` as it is. */
  resolver(settings: DnsSettings): CachingResolver {
    if (this.#now === null || !isDeepStrictEqual(this.#now.settings, settings))
      this.#now = { settings, resolver: openResolver(settings) };
    return this.#now.resolver;
  }

  figures(): readonly ListFigures[] {
    return this.lists.health.snapshot();
  }

  close(): void {
    this.lists.health.close();
  }

  /** Lists are tested past what is remembered, by whatever resolver is in use. */
  #past(): Resolver {
    const fresh = (): Resolver => {
      if (this.#now === null) throw new Error('a DNS list was tested before there was a resolver');
      return this.#now.resolver.tests;
    };
    // c-ares tells no TTL of what is not there, and so not whether a cache has said it.
    const ageless = (answer: Answer<string>): Answer<string> =>
      answer.status === 'nxdomain' && this.#now?.settings.resolver === 'node'
        ? { ...answer, ttl: 0 }
        : answer;
    return {
      a: async (...asked) => ageless(await fresh().a(...asked)),
      aaaa: (...asked) => fresh().aaaa(...asked),
      mx: (...asked) => fresh().mx(...asked),
      ptr: (...asked) => fresh().ptr(...asked),
      txt: (...asked) => fresh().txt(...asked),
    };
  }
}

/** For a single look, such as that of `explain`: tests run when they are first waited for, and nobody is told. */
export function listsOver(resolver: Resolver): ListsInUse {
  return new ListsInUse(new ProbedHealth({ resolver, clock: systemClock, onChange: () => {} }));
}

/** Its parts are loaded when it is first asked: a policy that asks the DNS nothing need not hold them. */
export function openResolver({ servers, timeoutMs, resolver, serveStaleMs }: DnsSettings): CachingResolver {
  const now = sleeplessClock(systemClock);
  const counts = noCounts();
  const lane = (): Resolver =>
    lateResolver(async () => {
      if (resolver === 'node') {
        const { NodeResolver } = await import('../dns/node-resolver.ts');
        return new NodeResolver({ servers, timeoutMs });
      }
      const { StubResolver } = await import('../dns/stub-resolver.ts');
      return new StubResolver({ servers, timeoutMs, now, counts });
    });
  const lanes = { names: lane(), lists: lane(), tests: lane() };
  return new CachingResolver(lanes, { now, counts, serveStaleMs });
}
