/** Owns the MTA's side of a connection: sends commands, knows which get an answer, and awaits it. */

import type { Duplex } from 'node:stream';
import type { Command } from './command.ts';
import { COMMAND_CODE, encodeCommand, macrosFor } from './command-frames.ts';
import type { EventCommand } from './conversation.ts';
import { ALL_ACTIONS, flagsOfVersion, NEWEST_VERSION } from './flags.ts';
import { Framer } from './framer.ts';
import { ProtocolError } from './protocol-error.ts';
import { decodeResponse } from './response.ts';
import type { Modification, Response, Terms } from './response.ts';
import { WAIVERS } from './waivers.ts';

/** Without it: version 6, all actions, and the protocol flags of the version. */
export interface Offer {
  readonly version?: number;
  readonly actions?: number;
  readonly protocol?: number;
}

export interface EndOfMessage {
  readonly answer: Response;
  readonly changes: readonly Modification[];
  /** How often the filter said that it was still at it. */
  readonly progress: number;
}

interface Waiting {
  readonly resolve: (end: EndOfMessage) => void;
  readonly reject: (error: Error) => void;
  readonly changes: Modification[];
  progress: number;
}

/** Commands may be sent ahead of their answers; the answers are given to them in order. */
export class MtaSession {
  readonly #stream: Duplex;
  readonly #framer = new Framer();
  readonly #waiting: Waiting[] = [];
  #gone: Error | null = null;
  #terms: Terms | null = null;

  /** Takes over a connection to a filter. */
  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#received(chunk));
    stream.on('error', (error: Error) => this.#end(error));
    stream.on('close', () => this.#end(new Error('the filter closed the connection')));
    stream.on('end', () => this.#end(new Error('the filter closed the connection')));
  }

  /** What was agreed; null before the negotiation. */
  get terms(): Terms | null {
    return this.#terms;
  }

  async negotiate(offer: Offer = {}): Promise<Terms> {
    const version = offer.version ?? NEWEST_VERSION;
    const { actions = ALL_ACTIONS, protocol = flagsOfVersion(version) } = offer;
    const { answer } = await this.#exchange([{ kind: 'negotiate', version, actions, protocol }]);
    if (answer.kind !== 'negotiate') throw new ProtocolError(`${answer.kind} in answer to negotiate`);
    this.#terms = answer;
    return answer;
  }

  /**
   * Sends a command, its macros first, in one write. Null: no answer is due, or the filter asked not to be sent that.
   * Names and values of macros are byte strings, as all that is in the command.
   */
  async send(command: EventCommand, macros?: Readonly<Record<string, string>>): Promise<Response | null> {
    return (await this.#event(command, macros))?.answer ?? null;
  }

  /** Sends the end of message; gives the answer and the changes before it. */
  async end(macros?: Readonly<Record<string, string>>, chunk = Buffer.alloc(0)): Promise<EndOfMessage> {
    const end = await this.#event({ kind: 'endOfMessage', chunk }, macros);
    return end!;
  }

  /** Sends what gets no answer: ABORT, QUIT, QUIT_NC, macros alone. */
  tell(command: Command): void {
    this.#stream.write(encodeCommand(command));
  }

  /** Says QUIT and closes. */
  quit(): void {
    this.#stream.end(encodeCommand({ kind: 'quit' }));
  }

  async #event(
    command: EventCommand,
    macros?: Readonly<Record<string, string>>,
  ): Promise<EndOfMessage | null> {
    const waivers = WAIVERS[command.kind];
    const protocol = this.#terms?.protocol ?? 0;
    if (waivers !== undefined && (protocol & waivers.decline) !== 0) return null;
    const commands: Command[] = macros === undefined ? [] : [macrosFor(COMMAND_CODE[command.kind], macros)];
    commands.push(command);
    if (waivers === undefined || (protocol & waivers.silent) === 0) return this.#exchange(commands);
    this.#stream.write(Buffer.concat(commands.map(encodeCommand)));
    return null;
  }

  #exchange(commands: readonly Command[]): Promise<EndOfMessage> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) {
        reject(this.#gone);
        return;
      }
      this.#waiting.push({ resolve, reject, changes: [], progress: 0 });
      this.#stream.write(Buffer.concat(commands.map(encodeCommand)));
    });
  }

  #received(chunk: Buffer): void {
    try {
      this.#framer.push(chunk);
      for (let frame = this.#framer.next(); frame !== null; frame = this.#framer.next())
        this.#take(decodeResponse(frame));
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
      this.#stream.destroy();
    }
  }

  #take(response: Response): void {
    const waiting = this.#waiting[0];
    if (waiting === undefined) throw new ProtocolError(`${response.kind} that nobody asked for`);
    switch (response.kind) {
      case 'progress':
        waiting.progress += 1;
        return;
      case 'addHeader':
      case 'insertHeader':
      case 'changeHeader':
      case 'addRecipient':
      case 'deleteRecipient':
      case 'replaceBody':
      case 'changeSender':
      case 'quarantine':
        waiting.changes.push(response);
        return;
      default:
        this.#waiting.shift();
        waiting.resolve({ answer: response, changes: waiting.changes, progress: waiting.progress });
    }
  }

  #end(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone);
  }
}
