/** Owns a Dialogue: SMTP commands as a client gives them, played to Postern's gate as Postfix would. */

import { duplexPair } from 'node:stream';
import { compilePolicy } from '../../lib/config/compile-policy.ts';
import type { Config } from '../../lib/config/config.ts';
import { openTables } from '../../lib/config/open-tables.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import type { Answer, Resolver } from '../../lib/dns/resolver.ts';
import type { Store } from '../../lib/greylist/store.ts';
import { parseAddress } from '../../lib/mail/network.ts';
import { MtaSession } from '../../lib/milter/index.ts';
import type { EndOfMessage, EventCommand, Offer, Response } from '../../lib/milter/index.ts';
import type { Event } from '../../lib/observe/event.ts';
import { createGate } from '../../lib/server/gate.ts';
import type { Table } from '../../lib/tables/table.ts';

export interface Stage {
  /** YAML of postern.yaml. */
  readonly config: string;
  readonly store: Store;
  readonly now: () => number;
  readonly sink: (event: Event) => void;
  readonly offer?: Offer;
  /** `{daemon_name}`. */
  readonly daemon?: string;
  /** Absent: nothing can be looked up. */
  readonly resolver?: Resolver;
}

/** What a command came to: an SMTP reply or null, and the header fields that were added. */
export interface Heard {
  readonly reply: string | null;
  readonly headers: readonly string[];
}

const QUEUE_ID = '4XyzQ012';

const unanswered = (): Promise<Answer<never>> =>
  Promise.resolve({ status: 'temperror', why: 'there is no DNS here' });
const NO_DNS: Resolver = {
  a: unanswered,
  aaaa: unanswered,
  mx: unanswered,
  ptr: unanswered,
  txt: unanswered,
};

export class Dialogue {
  readonly #stage: Stage;
  readonly #filter;
  #mta: MtaSession | null = null;
  #auth: string | null = null;
  #submitted = false;
  #tls: Record<string, string> = {};
  #opened = false;
  #ended: Heard | null = null;

  /** Throws Error if the config is wrong, or a table that it names. */
  static async open(stage: Stage): Promise<Dialogue> {
    const loaded = readConfig(stage.config, 'given', { stateDirectory: '/nonexistent' });
    const problems = loaded.ok ? [] : loaded.problems;
    if (!loaded.ok)
      throw new Error(`the given lines are wrong: ${problems.map(({ what }) => what).join('; ')}`);
    const opened = await openTables(loaded.config, { onReread: () => {}, pollMs: 0 });
    const wrong = opened.problems.filter(({ severity }) => severity === 'error');
    if (wrong.length > 0)
      throw new Error(`the given tables are wrong: ${wrong.map(({ what }) => what).join('; ')}`);
    return new Dialogue(stage, loaded.config, opened.tables);
  }

  private constructor(stage: Stage, config: Config, tables: ReadonlyMap<string, Table<string>>) {
    this.#stage = stage;
    const { delayMs, retryWindowMs, lifetimeMs, ipv4Prefix, ipv6Prefix } = config.greylist;
    const timings = { delayMs, windowMs: retryWindowMs, lifetimeMs };
    let sessions = 0;
    this.#filter = createGate({
      policy: compilePolicy(config, {
        greylisting: { store: stage.store, timings, ipv4Prefix, ipv6Prefix, now: stage.now },
        resolver: stage.resolver ?? NO_DNS,
        own: { names: ['mx.example.org'], addresses: [parseAddress('203.0.113.25')!] },
        tables,
      }),
      authservId: config.authservId,
      hostName: 'host.example.org',
      observe: config.observe,
      sink: stage.sink,
      now: stage.now,
      sessionId: () => `s${sessions++}`,
    });
  }

  /** Lets the client say one line; throws SyntaxError for what is none. */
  async says(line: string): Promise<Heard> {
    const [word = '', ...words] = line.split(' ');
    const path = /<.*>/.exec(line)?.[0] ?? '';
    switch (word.toUpperCase()) {
      case 'CONNECT':
        return this.#connects(words[0]!, words[1]!, words[2]);
      // With the subject of the certificate that the client shows and the MTA could verify.
      case 'STARTTLS':
        this.#tls = { '{tls_version}': 'TLSv1.3', '{cert_subject}': words[0] ?? '' };
        return LET_IN;
      case 'SUBMIT':
        this.#submitted = true;
        return this.#connects(words[1]!, words[0]!);
      case 'AUTH':
        this.#auth = words[0]!;
        return LET_IN;
      case 'HELO':
      case 'EHLO':
        return this.#tells({ kind: 'helo', name: words[0]! }, this.#tls);
      case 'MAIL':
        this.#tell('abort');
        this.#opened = false;
        return this.#tells(
          { kind: 'mail', sender: path, args: words.filter((each) => /^size=/i.test(each)) },
          this.#auth === null ? {} : { '{auth_authen}': this.#auth },
        );
      case 'RCPT': {
        const heard = await this.#tells({ kind: 'rcpt', recipient: path, args: [] });
        this.#opened ||= heard.reply === null;
        return heard;
      }
      case 'DATA':
        if (this.#version >= 4) return this.#tells({ kind: 'data' });
        // There is no DATA before version 4: the client hears at its end what it would have heard here.
        this.#ended = endOf(await this.#connection.end(this.#macros()));
        return { ...this.#ended, headers: [] };
      case 'RSET':
        this.#tell('abort');
        this.#opened = false;
        return LET_IN;
      case '.':
        if (this.#ended !== null) {
          const ended = this.#ended;
          this.#ended = null;
          return ended;
        }
        return endOf(await this.#connection.end(this.#macros()));
      case 'QUIT':
        this.#tell('abort');
        this.#connection.quit();
        this.#mta = null;
        return LET_IN;
      default:
        throw new SyntaxError(`no such command in a transcript: ${line}`);
    }
  }

  close(): void {
    this.#mta?.quit();
  }

  /** `resolve`: what the MTA's look at the name came to, if not ok; `unknown` is no name at all. */
  async #connects(address: string, name: string, resolve = 'ok'): Promise<Heard> {
    this.#mta?.quit();
    this.#auth = null;
    this.#tls = {};
    const [ours, theirs] = duplexPair();
    this.#filter.serve(theirs);
    this.#mta = new MtaSession(ours);
    await this.#mta.negotiate(this.#stage.offer);
    const family = parseAddress(address)?.family ?? 'unknown';
    const known: Record<string, string> = { j: 'mx.example.org', '{client_ptr}': name };
    if (this.#submitted) known['i'] = QUEUE_ID;
    else known['{client_resolve}'] = resolve.toUpperCase();
    if (this.#stage.daemon !== undefined) known['{daemon_name}'] = this.#stage.daemon;
    const port = family === 'unknown' ? null : 4711;
    return this.#tells(
      { kind: 'connect', host: name, family, port, address: family === 'unknown' ? null : address },
      known,
    );
  }

  get #version(): number {
    return this.#stage.offer?.version ?? 6;
  }

  get #connection(): MtaSession {
    if (this.#mta === null) throw new SyntaxError('a transcript begins with CONNECT');
    return this.#mta;
  }

  #tell(kind: 'abort'): void {
    this.#connection.tell({ kind });
  }

  /** Postfix has no queue id before a recipient was accepted (smtpd_delay_open_until_valid_rcpt). */
  #macros(): Record<string, string> {
    return this.#opened || this.#submitted ? { i: QUEUE_ID } : {};
  }

  async #tells(command: EventCommand, macros: Record<string, string> = {}): Promise<Heard> {
    const response = await this.#connection.send(command, { ...this.#macros(), ...macros });
    return { reply: replyOf(response), headers: [] };
  }
}

const LET_IN: Heard = { reply: null, headers: [] };

function replyOf(response: Response | null): string | null {
  if (response === null || response.kind === 'continue') return null;
  return response.kind === 'reply' ? response.text : response.kind;
}

function endOf({ answer, changes }: EndOfMessage): Heard {
  const headers = changes.map((change) => {
    if (change.kind !== 'insertHeader') return change.kind;
    return `${change.name}: ${change.value}`;
  });
  return { reply: replyOf(answer), headers };
}
