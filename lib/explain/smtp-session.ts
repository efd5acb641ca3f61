/** Owns SmtpSession: an SMTP client's commands, played to the gate as Postfix would pass them on. */

import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { unfolded } from '../headers/field.ts';
import { parseAddress } from '../mail/network.ts';
import { MtaSession, toBytes, toText } from '../milter/index.ts';
import type { EndOfMessage, EventCommand, Filter, Offer, Response } from '../milter/index.ts';
import type { SmtpCommand } from './smtp-command.ts';

export interface SmtpSessionOptions {
  /** What the MTA calls itself (`{j}`); null: it does not say. */
  readonly mtaName: string | null;
  /** `{daemon_name}`. */
  readonly daemon?: string;
  readonly offer?: Offer;
}

/** What a command came to. */
export interface Heard {
  /** As the client sees it, `451 4.7.1 …`; null: let through. */
  readonly reply: string | null;
  /** Header fields that were added, from above, each in one line. */
  readonly headers: readonly string[];
  /** What else was done to the message: `deleteRecipient <bob@example.org>`, `deleteHeader x-greylist 1`. */
  readonly changes: readonly string[];
}

const QUEUE_ID = '4XyzQ012';
const LET_THROUGH: Heard = { reply: null, headers: [], changes: [] };

export class SmtpSession {
  readonly #filter: Filter;
  readonly #options: SmtpSessionOptions;
  #mta: MtaSession | null = null;
  #auth: string | null = null;
  #submitted = false;
  #tls: Record<string, string> = {};
  #opened = false;
  #ended: Heard | null = null;

  constructor(filter: Filter, options: SmtpSessionOptions) {
    this.#filter = filter;
    this.#options = options;
  }

  /** In the order that SmtpOrder holds; else it rejects with what the milter protocol makes of it. */
  async play(command: SmtpCommand): Promise<Heard> {
    switch (command.kind) {
      case 'connect':
        this.#submitted = false;
        return this.#connects(command.address, command.name, {
          '{client_resolve}': command.resolve.toUpperCase(),
        });
      case 'submit':
        this.#submitted = true;
        return this.#connects(command.address, command.name, { i: QUEUE_ID });
      case 'starttls':
        this.#tls = { '{tls_version}': 'TLSv1.3', '{cert_subject}': toBytes(command.subject) };
        return LET_THROUGH;
      case 'auth':
        this.#auth = command.login;
        return LET_THROUGH;
      case 'helo':
        return this.#tells({ kind: 'helo', name: toBytes(command.name) }, this.#tls);
      case 'mail':
        await this.#drop();
        return this.#tells(
          { kind: 'mail', sender: toBytes(command.sender), args: command.args.map(toBytes) },
          this.#auth === null ? {} : { '{auth_authen}': toBytes(this.#auth) },
        );
      case 'rcpt': {
        const heard = await this.#tells({ kind: 'rcpt', recipient: toBytes(command.recipient), args: [] });
        this.#opened ||= heard.reply === null;
        return heard;
      }
      case 'data':
        if (this.#version >= 4) return this.#tells({ kind: 'data' });
        // There is no DATA before version 4: the client hears at its end what it would have heard here.
        this.#ended = await this.#ends();
        return { ...this.#ended, headers: [], changes: [] };
      case 'header':
        return this.#tells({ kind: 'header', name: command.name, value: toBytes(command.value) });
      case 'rset':
        await this.#drop();
        return LET_THROUGH;
      case 'end': {
        const ended = this.#ended ?? (await this.#ends());
        this.#ended = null;
        return ended;
      }
      case 'quit':
        await this.goes();
        return LET_THROUGH;
    }
  }

  /** The client goes away. */
  async goes(): Promise<void> {
    this.close();
    await seen();
  }

  close(): void {
    this.#mta?.quit();
    this.#mta = null;
  }

  async #connects(address: string, name: string, macros: Record<string, string>): Promise<Heard> {
    await this.goes();
    this.#auth = null;
    this.#tls = {};
    this.#opened = false;
    const [ours, theirs] = duplexPair();
    this.#filter.serve(theirs);
    this.#mta = new MtaSession(ours);
    await this.#mta.negotiate(this.#options.offer);
    const family = parseAddress(address)?.family ?? 'unknown';
    const { mtaName, daemon } = this.#options;
    const known: Record<string, string> = { '{client_ptr}': toBytes(name), ...macros };
    if (mtaName !== null) known['j'] = toBytes(mtaName);
    if (daemon !== undefined) known['{daemon_name}'] = daemon;
    const port = family === 'unknown' ? null : 4711;
    return this.#tells(
      { kind: 'connect', host: toBytes(name), family, port, address: family === 'unknown' ? null : address },
      known,
    );
  }

  async #ends(): Promise<Heard> {
    await this.#connection.send({ kind: 'endOfHeaders' }, this.#macros());
    return endOf(await this.#connection.end(this.#macros()));
  }

  get #version(): number {
    return this.#options.offer?.version ?? 6;
  }

  get #connection(): MtaSession {
    if (this.#mta === null) throw new SyntaxError('a session begins with CONNECT');
    return this.#mta;
  }

  async #drop(): Promise<void> {
    this.#connection.tell({ kind: 'abort' });
    this.#opened = false;
    await seen();
  }

  /** Postfix has no queue id before a recipient was accepted (smtpd_delay_open_until_valid_rcpt). */
  #macros(): Record<string, string> {
    return this.#opened || this.#submitted ? { i: QUEUE_ID } : {};
  }

  async #tells(command: EventCommand, macros: Record<string, string> = {}): Promise<Heard> {
    const response = await this.#connection.send(command, { ...this.#macros(), ...macros });
    if (response === null) await seen();
    return { ...LET_THROUGH, reply: replyOf(response) };
  }
}

/** What nobody answers has reached the gate all the same. */
const seen = (): Promise<void> => setImmediate();

/** On the wire each `%` is doubled: the MTA takes the text for a format. */
function replyOf(response: Response | null): string | null {
  if (response === null || response.kind === 'continue') return null;
  return response.kind === 'reply' ? response.text.replaceAll('%%', '%') : response.kind;
}

function endOf({ answer, changes }: EndOfMessage): Heard {
  const headers: string[] = [];
  const others: string[] = [];
  for (const change of changes) {
    if (change.kind === 'insertHeader')
      headers.splice(change.index, 0, unfolded(toText(`${change.name}: ${change.value}`)));
    else if (change.kind === 'changeHeader' && change.value === '')
      others.push(`deleteHeader ${change.name} ${change.index}`);
    else if (change.kind === 'deleteRecipient') others.push(toText(`${change.kind} ${change.recipient}`));
    else if (change.kind === 'quarantine') others.push(toText(`${change.kind} ${change.reason}`));
    else others.push(change.kind);
  }
  return { reply: replyOf(answer), headers, changes: others };
}
