/** Owns the Resolver of our own: asks recursive servers by sockets of its own, and believes only what answers a question. */

import { CODEC, type Codec } from './codec.ts';
import { noCounts, type DnsCounts } from './dns-counts.ts';
import { Lookup } from './lookup.ts';
import { NameServer, type Transport } from './name-server.ts';
import { A, AAAA, MX, PTR, TXT, type RecordType } from './record-type.ts';
import { ResolvConf } from './resolv-conf.ts';
import { NO_NAME_TTL, queryName, type Answer, type Mx, type Resolver } from './resolver.ts';

export interface StubResolverOptions {
  /** `system`: those of /etc/resolv.conf, as it changes. Else `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`. */
  readonly servers: 'system' | readonly string[];
  /** For a whole lookup, retries and waiting for a turn included. */
  readonly timeoutMs: number;
  /** Milliseconds; how far from what does not matter. */
  readonly now: () => number;
  readonly counts?: DnsCounts;
  readonly codec?: Codec;
  readonly resolvConf?: string;
  /** Queries on the way to one server; absent: 64. */
  readonly atOnce?: number;
  /** A server that keeps silent is asked last for this long. */
  readonly restMs?: number;
}

/** Whoever wants more has a loop: each costs a kilobyte until its time is over. */
const MOST_LOOKUPS = 10_000;

const OVERLOADED = { status: 'temperror', why: `more than ${MOST_LOOKUPS} lookups wait` } as const;

export class StubResolver implements Resolver {
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  /** The same array as long as nothing has changed. */
  readonly #named: () => readonly string[];
  #written: readonly string[];
  #servers: readonly NameServer[];
  #lookups = 0;

  /** Throws TypeError if a server is no address with or without a port. */
  constructor({
    servers,
    timeoutMs,
    now,
    counts = noCounts(),
    codec = CODEC,
    resolvConf = '/etc/resolv.conf',
    restMs = 10_000,
    atOnce,
  }: StubResolverOptions) {
    this.#transport = { codec, counts, restMs, ...(atOnce === undefined ? {} : { atOnce }) };
    this.#timeoutMs = timeoutMs;
    if (servers === 'system') {
      const file = new ResolvConf(resolvConf, now);
      this.#named = () => file.servers();
    } else this.#named = () => servers;
    this.#written = this.#named();
    this.#servers = this.#made(new Map());
  }

  a(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, A, signal);
  }

  aaaa(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, AAAA, signal);
  }

  mx(name: string, signal: AbortSignal): Promise<Answer<Mx>> {
    return this.#ask(name, MX, signal);
  }

  ptr(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, PTR, signal);
  }

  txt(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, TXT, signal);
  }

  async #ask<T>(asked: string, type: RecordType<T>, signal: AbortSignal): Promise<Answer<T>> {
    const name = queryName(asked)?.toLowerCase();
    if (name === undefined) return { status: 'nxdomain', ttl: NO_NAME_TTL };
    if (this.#lookups >= MOST_LOOKUPS) return OVERLOADED;
    this.#lookups++;
    const options = {
      servers: this.#serversNow(),
      timeoutMs: this.#timeoutMs,
      counts: this.#transport.counts,
    };
    const answer = await Lookup.run({ name, type }, signal, options);
    this.#lookups--;
    return answer;
  }

  #serversNow(): readonly NameServer[] {
    const written = this.#named();
    if (written !== this.#written) {
      // Those that stay keep their sockets, and what is known of them.
      const there = new Map(this.#written.map((name, i) => [name, this.#servers[i]!]));
      this.#written = written;
      this.#servers = this.#made(there);
    }
    return this.#servers;
  }

  #made(there: ReadonlyMap<string, NameServer>): readonly NameServer[] {
    return this.#written.map((name) => there.get(name) ?? new NameServer(name, this.#transport));
  }
}
