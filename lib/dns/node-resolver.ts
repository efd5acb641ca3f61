/** Owns the Resolver over Node's own (c-ares): it retries, goes to TCP for what is cut, and checks the question. */

import { Resolver as CAres } from 'node:dns/promises';
import { isIPv4, isIPv6 } from 'node:net';
import { noCounts, type DnsCounts } from './dns-counts.ts';
import { ABORTED, NO_NAME_TTL, queryName } from './resolver.ts';
import type { Answer, Mx, Resolver } from './resolver.ts';
import { Turns } from './turns.ts';

export interface NodeResolverOptions {
  /** `system`: those of /etc/resolv.conf as it stands now. Else `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`. */
  readonly servers: 'system' | readonly string[];
  /** For a whole lookup, retries and waiting for a turn included. */
  readonly timeoutMs: number;
  /** Each has a socket of its own: c-ares asks every question from a new port. */
  readonly atOnce?: number;
  /** Only `answers` is counted. */
  readonly counts?: DnsCounts;
}

/** Seconds; c-ares tells the TTLs of addresses only, neither those of other records nor the SOA's of a negative answer. */
const FOUND_TTL = 300;
const NOT_FOUND_TTL = 60;

/** A host has a few addresses; a list of thousands is an attack on whoever looks them all up. */
const MOST_RECORDS = 100;

/** Bytes of one TXT record; the longest SPF and DKIM records have less than 4096. */
const LONGEST_TEXT = 8192;

const TRIES = 2;

type Query<T> = (dns: CAres, name: string) => Promise<Answer<T>>;

export class NodeResolver implements Resolver {
  /** The first asks all servers in turn, the next all but the first, and so on. */
  readonly #channels: readonly CAres[];
  readonly #timeoutMs: number;
  readonly #turns: Turns;
  readonly #counts: DnsCounts;

  /** Throws TypeError or RangeError if a server is no address with or without a port. */
  constructor({ servers, timeoutMs, atOnce = 200, counts = noCounts() }: NodeResolverOptions) {
    this.#counts = counts;
    // c-ares doubles the time from round to round: two rounds are three times the first.
    const options = { timeout: Math.max(1, Math.floor(timeoutMs / 4)), tries: TRIES };
    const all = servers === 'system' ? new CAres(options).getServers() : servers.map(checkedServer);
    this.#channels = all.map((_, i) => {
      const channel = new CAres(options);
      channel.setServers(all.slice(i));
      return channel;
    });
    this.#timeoutMs = timeoutMs;
    this.#turns = new Turns(atOnce);
  }

  a(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, signal, (dns, name) => addresses(dns.resolve4(name, { ttl: true }), isIPv4));
  }

  aaaa(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, signal, (dns, name) => addresses(dns.resolve6(name, { ttl: true }), isIPv6));
  }

  mx(name: string, signal: AbortSignal): Promise<Answer<Mx>> {
    return this.#ask(name, signal, async (dns, name) => {
      const records = await dns.resolveMx(name);
      return found(
        records.map(({ priority, exchange }) => ({ preference: priority, exchange: exchange.toLowerCase() })),
      );
    });
  }

  ptr(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, signal, async (dns, name) => {
      const names = await dns.resolvePtr(name);
      return found(names.map((one) => one.toLowerCase()));
    });
  }

  txt(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return this.#ask(name, signal, async (dns, name) => {
      const texts = (await dns.resolveTxt(name)).map((parts) => parts.join(''));
      return found(texts.filter((text) => text.length <= LONGEST_TEXT));
    });
  }

  /** c-ares can't give up a single query: what comes after our own end is dropped. */
  #ask<T>(asked: string, signal: AbortSignal, query: Query<T>): Promise<Answer<T>> {
    const name = queryName(asked);
    if (name === null) return Promise.resolve({ status: 'nxdomain', ttl: NO_NAME_TTL });
    if (signal.aborted) return Promise.resolve(ABORTED);
    return new Promise((resolve) => {
      const end = (answer: Answer<T>): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        stepOut();
        resolve(answer);
      };
      const aborted = (): void => end(ABORTED);
      const stepOut = this.#turns.take(() => this.#askServers(name, query).then(end));
      const timer = setTimeout(() => end(noAnswer(this.#timeoutMs)), this.#timeoutMs);
      signal.addEventListener('abort', aborted);
    });
  }

  /** c-ares takes a server's SERVFAIL or REFUSED for the last word; glibc, and so Postfix, asks the next. */
  async #askServers<T>(name: string, query: Query<T>): Promise<Answer<T>> {
    let failed: Answer<T> = { status: 'temperror', why: 'no DNS server is known' };
    for (const channel of this.#channels) {
      try {
        const answer = await query(channel, name);
        this.#counts.answers++;
        return answer;
      } catch (error) {
        if (!isSilence(error)) this.#counts.answers++;
        failed = failure(error, this.#timeoutMs);
        if (!isOfOneServer(error)) break;
      }
    }
    return failed;
  }
}

async function addresses(
  lookup: Promise<{ address: string; ttl: number }[]>,
  isAddress: (text: string) => boolean,
): Promise<Answer<string>> {
  const records = (await lookup).filter(({ address }) => isAddress(address));
  return found(
    records.map(({ address }) => address),
    Math.min(...records.map(({ ttl }) => ttl)),
  );
}

function found<T>(records: readonly T[], ttl = FOUND_TTL): Answer<T> {
  if (records.length === 0) return { status: 'nodata', ttl: NOT_FOUND_TTL };
  return { status: 'found', records: records.slice(0, MOST_RECORDS), ttl };
}

function noAnswer(timeoutMs: number): Answer<never> {
  return { status: 'temperror', why: `no answer within ${timeoutMs} ms` };
}

/** Only the servers' own word counts as "not there": whatever else goes wrong says nothing about the name. */
function failure(error: unknown, timeoutMs: number): Answer<never> {
  const code = codeOf(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EBADNAME':
      return { status: 'nxdomain', ttl: NOT_FOUND_TTL };
    case 'ENODATA':
      return { status: 'nodata', ttl: NOT_FOUND_TTL };
    case 'ETIMEOUT':
      return noAnswer(timeoutMs);
    case 'EBADRESP':
      return { status: 'temperror', why: 'the DNS server sent what is no answer' };
    case 'ECONNREFUSED':
      return { status: 'temperror', why: 'no DNS server listens' };
    default:
      // ESERVFAIL, EREFUSED, EFORMERR, ENOTIMP: named as the DNS names them.
      return { status: 'temperror', why: code.replace(/^E/, '') };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** No server has said anything. */
function isSilence(error: unknown): boolean {
  return ['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'EDESTRUCTION'].includes(codeOf(error));
}

/** Whether another server may know better; when time ran out or nobody listens, c-ares has asked them all. */
function isOfOneServer(error: unknown): boolean {
  return ['ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR'].includes(codeOf(error));
}

/** Node takes `::1:53` for an address and forgets the port that was meant. */
function checkedServer(server: string): string {
  const host = /^\[(.*)\](?::\d{1,5})?$/.exec(server)?.[1] ?? (isIPv6(server) ? server : null);
  const ambiguous = host === null ? server.includes('::') : !isIPv6(host);
  if (ambiguous) throw new TypeError(`not an address of a DNS server: ${server}`);
  return server;
}
