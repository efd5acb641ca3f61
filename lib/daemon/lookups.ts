/** Owns Lookups: how the DNS is asked, and the health of the DNS lists, for as long as the service runs. */

import { isDeepStrictEqual } from 'node:util';
import type { DnsSettings } from '../config/dns-settings.ts';
import { CachingResolver } from '../dns/caching-resolver.ts';
import { noCounts } from '../dns/dns-counts.ts';
import { lateResolver } from '../dns/late-resolver.ts';
import { NEVER, type Answer, type Resolver } from '../dns/resolver.ts';
import { Silence, type SilenceChange } from '../dns/silence.ts';
import { sleeplessClock } from '../dns/sleepless-clock.ts';
import { systemClock } from '../lists/clock.ts';
import type { ListFigures } from '../lists/list-figures.ts';
import type { ListChange } from '../lists/list-health.ts';
import { ListsInUse } from '../lists/lists-in-use.ts';
import { ProbedHealth } from '../lists/probed-health.ts';

interface Resolving {
  readonly settings: DnsSettings;
  readonly resolver: CachingResolver;
}

type OnSilence = (change: SilenceChange & { readonly servers: string }) => void;

export class Lookups {
  readonly lists: ListsInUse;
  #now: Resolving | null = null;
  /** Of a configuration that is about to be used. */
  #next: Resolving | null = null;
  readonly #onSilence: OnSilence;

  /**
   * `onChange`: once for each change of a list's state; `spares`: a rule lets in whom it lists. `onSilence`: when no server
   * answers any more, and when one does again.
   */
  constructor(
    onChange: (change: ListChange & { readonly spares: boolean }) => void,
    onSilence: OnSilence = () => {},
  ) {
    this.#onSilence = onSilence;
    const tell = (change: ListChange): void => {
      const same = this.lists.announced.filter(({ alias }) => alias === change.list);
      const instead = change.to === 'no-key' ? (same[0]?.keyAdvice ?? null) : change.instead;
      onChange({ ...change, instead, spares: same.some(({ spares }) => spares) });
    };
    const health = new ProbedHealth({ resolver: this.#past(), clock: systemClock, onChange: tell });
    this.lists = new ListsInUse(health, () => systemClock.elapsed());
  }

  /** What is remembered of the DNS outlives a reload that leaves `dns:` as it is. Lists are tested by it after `take`. */
  resolver(settings: DnsSettings): CachingResolver {
    if (this.#now !== null && isDeepStrictEqual(this.#now.settings, settings)) return this.#now.resolver;
    this.#next = { settings, resolver: openResolver(settings, this.#onSilence) };
    this.#now ??= this.#next;
    return this.#next.resolver;
  }

  /** The configuration with these settings is in use: whoever reloads has perhaps mended what was in the way of a list. */
  take(settings: DnsSettings): void {
    if (this.#next !== null && isDeepStrictEqual(this.#next.settings, settings)) this.#now = this.#next;
    this.#next = null;
    this.lists.health.retest();
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
  const health = new ProbedHealth({ resolver, clock: systemClock, onChange: () => {} });
  return new ListsInUse(health, () => systemClock.elapsed());
}

/** Queries on the way to one server: 64 together, beyond which a burst overflows its socket's buffer. Tests are few. */
const TURNS = { names: 24, lists: 32, tests: 8 };

/** Its parts are loaded when it is first asked: a policy that asks the DNS nothing need not hold them. */
export function openResolver(
  { servers, timeoutMs, resolver, serveStaleMs }: DnsSettings,
  onSilence?: OnSilence,
): CachingResolver {
  const now = sleeplessClock(systemClock);
  const counts = noCounts();
  const lane = (atOnce: number): Resolver =>
    lateResolver(async () => {
      if (resolver === 'node') {
        const { NodeResolver } = await import('../dns/node-resolver.ts');
        return new NodeResolver({ servers, timeoutMs, counts });
      }
      const { StubResolver } = await import('../dns/stub-resolver.ts');
      return new StubResolver({ servers, timeoutMs, now, counts, atOnce });
    });
  const lanes = { names: lane(TURNS.names), lists: lane(TURNS.lists), tests: lane(TURNS.tests) };
  if (onSilence === undefined) return new CachingResolver(lanes, { now, counts, serveStaleMs });
  const called = servers === 'system' ? 'the server of /etc/resolv.conf' : servers.join(', ');
  const silence = new Silence({
    ...{ counts, now },
    after: (ms, run) => systemClock.after(ms, run),
    // Answered by every resolver itself, or at the latest by a root server.
    probe: () => lanes.tests.a('localhost', NEVER),
    onChange: (change) => onSilence({ ...change, servers: called }),
  });
  const { names, lists, tests } = lanes;
  const watched = { names: silence.watch(names), lists: silence.watch(lists), tests: silence.watch(tests) };
  return new CachingResolver(watched, { now, counts, serveStaleMs });
}
