/** Owns one lookup: which server is asked when, and again, until there is an answer or the time is over. */

import type { DnsCounts } from './dns-counts.ts';
import { conclude, MOST_ALIASES, TOO_MANY_ALIASES } from './conclusion.ts';
import type { Question, Reply } from './message.ts';
import type { NameServer } from './name-server.ts';
import { ABORTED, NEVER, queryName, type Answer } from './resolver.ts';
import type { Outcome } from './udp-socket.ts';

/** Until the next server is asked, or the same one again; twice as long each time. Resolvers need less for what they know. */
const FIRST_TRY_MS = 300;
/** A server that nobody answers for may be starting again. */
const MOST_UNREACHABLE = 3;

const FORMERR = 1;
const NOTIMP = 4;

const LONGEST_TTL = 0x7fffffff;

export interface LookupOptions {
  readonly servers: readonly NameServer[];
  /** For everything together. */
  readonly timeoutMs: number;
  readonly counts: DnsCounts;
}

/** What one server has done in this lookup. */
interface Asked {
  readonly server: NameServer;
  /** False: it does not know EDNS. */
  edns: boolean;
  unreachable: number;
  /** True: what it says is its last word. */
  failed: boolean;
  /** To stop listening to it. */
  readonly quit: Set<() => void>;
}

export class Lookup<T> {
  readonly #end: (answer: Answer<T>) => void;
  readonly #counts: DnsCounts;
  readonly #timeoutMs: number;
  readonly #asked: readonly Asked[];
  readonly #signal: AbortSignal;
  readonly #deadline: NodeJS.Timeout;
  readonly #aborted = (): void => this.#finish(ABORTED);
  #question: Question<T>;
  #next: NodeJS.Timeout | undefined;
  #stepOut = (): void => {};
  #endTurn = (): void => {};
  /** The one that was asked last. */
  #last = -1;
  #sent = 0;
  #aliases = 0;
  /** Of the CNAMEs so far, in seconds. */
  #ttl = LONGEST_TTL;
  #why = 'no DNS server is known';
  #byTcp: AbortController | null = null;
  #done = false;

  private constructor(
    question: Question<T>,
    signal: AbortSignal,
    { servers, timeoutMs, counts }: LookupOptions,
    end: (answer: Answer<T>) => void,
  ) {
    this.#question = question;
    this.#signal = signal;
    this.#end = end;
    this.#counts = counts;
    this.#timeoutMs = timeoutMs;
    this.#asked = servers.map((server) => ({
      server,
      edns: true,
      unreachable: 0,
      failed: false,
      quit: new Set(),
    }));
    this.#deadline = setTimeout(() => this.#timeOut(), timeoutMs);
    if (signal !== NEVER) signal.addEventListener('abort', this.#aborted);
  }

  /** Fulfils with what came of it, at the latest after its time; at once when `signal` aborts. */
  static run<T>(question: Question<T>, signal: AbortSignal, options: LookupOptions): Promise<Answer<T>> {
    if (signal.aborted) return Promise.resolve(ABORTED);
    return new Promise((resolve) => new Lookup(question, signal, options, resolve).#queue());
  }

  /** The first query of all waits for its turn. */
  #queue(): void {
    const asked = this.#best();
    if (asked === null) return this.#finish({ status: 'temperror', why: this.#why });
    const onTrial = asked.server.resting;
    this.#stepOut = asked.server.turns.take(() => {
      if (this.#done) return Promise.resolve();
      const fellSilent = !onTrial && asked.server.resting;
      if (fellSilent && this.#asked.some(({ failed, server }) => !failed && !server.resting)) {
        this.#queue();
        return Promise.resolve();
      }
      return new Promise<void>((resolve) => {
        this.#endTurn = resolve;
        this.#send(asked);
      });
    });
  }

  /** The first in the administrator's order that is not silent, and has a turn free if any has. */
  #best(): Asked | null {
    const left = this.#asked.filter(({ failed }) => !failed);
    const free = left.find(({ server }) => (server.resting ? server.takeTrial() : server.turns.free));
    return free ?? left.find(({ server }) => !server.resting) ?? left[0] ?? null;
  }

  #send(asked: Asked): void {
    const first = this.#sent++ === 0;
    if (!first) this.#counts.retries++;
    this.#last = this.#asked.indexOf(asked);
    const wait = Math.min(FIRST_TRY_MS, this.#timeoutMs / 4) * 2 ** Math.min(this.#sent - 1, 10);
    clearTimeout(this.#next);
    this.#next = setTimeout(() => {
      asked.server.silent();
      this.#again();
    }, wait);
    const heard = (outcome: Outcome<T>): void => {
      asked.quit.delete(quit);
      this.#heard(asked, outcome);
    };
    // What the server has read, and looks up for long, must not keep the line waiting.
    const quit = asked.server.ask(this.#question, asked.edns, heard, first ? this.#endTurn : undefined);
    asked.quit.add(quit);
  }

  /** Asks the next server that may still know; who was asked before is still listened to. */
  #again(): void {
    // Though nothing shows that it has been read, it is no part of a burst any more.
    this.#endTurn();
    const count = this.#asked.length;
    const inTurn = Array.from({ length: count }, (_, i) => this.#asked[(this.#last + 1 + i) % count]!);
    const left = inTurn.filter(({ failed }) => !failed);
    const asked = left.find(({ server }) => !server.resting || server.takeTrial()) ?? left[0];
    if (asked === undefined) this.#finish({ status: 'temperror', why: this.#why });
    else this.#send(asked);
  }

  #heard(asked: Asked, outcome: Outcome<T>): void {
    if (this.#done) return;
    switch (outcome.kind) {
      case 'unreachable':
        return this.#unreachable(asked, outcome.why);
      case 'broken':
        return this.#failed(asked, 'the DNS server sent what is no answer');
      case 'reply':
        return this.#reply(asked, outcome);
    }
  }

  #reply(asked: Asked, reply: Reply<T>): void {
    if (reply.truncated) return void this.#askByTcp(asked);
    const { rcode } = reply;
    if (asked.edns && (rcode === FORMERR || rcode === NOTIMP)) {
      asked.edns = false;
      return this.#send(asked);
    }
    const { name } = this.#question;
    const conclusion = conclude(name, this.#ttl, reply);
    switch (conclusion.kind) {
      case 'answer':
        return this.#finish(conclusion.answer);
      case 'failed':
        return this.#failed(asked, conclusion.why);
      case 'elsewhere':
        return this.#follow(conclusion.name, conclusion.ttl);
    }
  }

  async #askByTcp(asked: Asked): Promise<void> {
    this.#endTurn();
    this.#quit();
    clearTimeout(this.#next);
    this.#byTcp?.abort();
    const { signal } = (this.#byTcp = new AbortController());
    const { edns, server } = asked;
    // Half the time is left for the other servers.
    const outcome = await server.askByTcp(this.#question, { edns, timeoutMs: this.#timeoutMs / 2, signal });
    if (this.#done || signal.aborted) return;
    if (outcome.kind === 'reply') this.#reply(asked, outcome);
    else this.#failed(asked, outcome.why);
  }

  /** A chain that the server has not gone to its end. */
  #follow(name: string, ttl: number): void {
    if (++this.#aliases > MOST_ALIASES) return this.#finish({ status: 'temperror', why: TOO_MANY_ALIASES });
    if (queryName(name) === null) return this.#finish({ status: 'nodata', ttl: 0 });
    this.#quit();
    this.#question = { ...this.#question, name };
    this.#ttl = ttl;
    this.#again();
  }

  #unreachable(asked: Asked, why: string): void {
    if (++asked.unreachable >= MOST_UNREACHABLE) return this.#failed(asked, why);
    this.#why = why;
    const other = this.#asked.some(({ failed, unreachable }) => !failed && unreachable === 0);
    // Else it is asked again when its time is over.
    if (other && this.#asked[this.#last] === asked) this.#again();
  }

  #failed(asked: Asked, why: string): void {
    asked.failed = true;
    this.#why = why;
    const last = this.#asked[this.#last] === asked;
    if (last || this.#asked.every(({ failed }) => failed)) this.#again();
  }

  #timeOut(): void {
    this.#counts.timeouts++;
    this.#finish({ status: 'temperror', why: `no answer within ${this.#timeoutMs} ms` });
  }

  #quit(): void {
    for (const { quit } of this.#asked) {
      for (const stop of quit) stop();
      quit.clear();
    }
  }

  #finish(answer: Answer<T>): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#next);
    if (this.#signal !== NEVER) this.#signal.removeEventListener('abort', this.#aborted);
    this.#stepOut();
    this.#endTurn();
    this.#quit();
    this.#byTcp?.abort();
    this.#end(answer);
  }
}
