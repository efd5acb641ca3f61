/** Owns RandomSession: one connection of an MTA that says anything the protocol allows, until it breaks it on purpose. */

import type { Socket } from 'node:net';
import { MtaSession } from '../../lib/milter/index.ts';
import type { Command, EventCommand } from '../../lib/milter/index.ts';
import { inTime } from './in-time.ts';
import type { Random } from './random.ts';

/** To be named in `trusted_relays`: what comes from there is judged once more when its header has come. */
export const RELAY = '192.0.2.25';

/** What came of it. */
export interface Course {
  /** Answers that were due and came. */
  answers: number;
  /** Messages that went to their end. */
  messages: number;
  how: 'quit' | 'vanished' | 'broken';
}

export class RandomSession {
  readonly #random: Random;
  readonly #socket: Socket;
  readonly #mta: MtaSession;
  readonly #closed: Promise<unknown>;
  readonly #version: number;
  /** Every command so far, for who has to find out why it failed. */
  readonly #said: string[] = [];
  readonly #course: Course = { answers: 0, messages: 0, how: 'quit' };

  constructor(socket: Socket, random: Random) {
    this.#random = random;
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    this.#mta = new MtaSession(socket);
    this.#version = random.of([2, 3, 4, 5, 6]);
  }

  /** Throws if the filter leaves a command unanswered, closes for no reason, or goes on when the order was broken. */
  async play(): Promise<Course> {
    try {
      await this.#play();
    } catch (error) {
      throw new Error(`version ${this.#version}: ${this.#said.join(' ')}: ${String(error)}`, {
        cause: error,
      });
    } finally {
      this.#socket.destroy();
    }
    return this.#course;
  }

  async #play(): Promise<void> {
    const random = this.#random;
    // Of an MTA that offers to leave nothing out, everything is heard, and all of it is to be answered.
    const protocol = random.oneIn(2) ? { protocol: 0 } : {};
    await inTime('negotiate', this.#mta.negotiate({ version: this.#version, ...protocol }));
    await this.#begin();
    for (let n = random.below(4); n > 0; n--) {
      if (random.oneIn(12)) return this.#break(this.#outsideMessage());
      await this.#between();
      await this.#envelope();
      if (random.oneIn(12)) return this.#break(this.#insideMessage());
      if (random.oneIn(12)) return this.#vanish();
      if (!random.oneIn(6)) await this.#content();
    }
    this.#said.push('quit');
    this.#mta.quit();
    await inTime('quit', this.#closed);
  }

  async #begin(): Promise<void> {
    await this.#says(anyConnect(this.#random));
    if (!this.#random.oneIn(4)) await this.#says({ kind: 'helo', name: this.#random.text(60) });
  }

  /** What comes between two messages, or drops the one under way. */
  async #between(): Promise<void> {
    const random = this.#random;
    if (random.oneIn(4)) this.#tells({ kind: 'abort' });
    if (random.oneIn(6)) await this.#says({ kind: 'helo', name: random.text(60) });
    if (!random.oneIn(10)) return;
    this.#tells({ kind: 'quitNewConnection' });
    await this.#begin();
  }

  async #envelope(): Promise<void> {
    const random = this.#random;
    await this.#says({ kind: 'mail', sender: anyAddress(random), args: [random.text(20)] });
    for (let n = random.below(5); n > 0; n--) {
      if (this.#version >= 3 && random.oneIn(8)) await this.#says({ kind: 'unknown', line: random.text(60) });
      await this.#says({ kind: 'rcpt', recipient: anyAddress(random), args: [] });
    }
  }

  /** From DATA to the end, or to where the MTA gives up. */
  async #content(): Promise<void> {
    const random = this.#random;
    const gone = (): boolean => random.oneIn(25);
    if (this.#version >= 4) await this.#says({ kind: 'data' });
    // As if it had been refused, by us or by another filter.
    while (this.#version >= 4 && random.oneIn(6)) {
      if (random.oneIn(2)) await this.#says({ kind: 'rcpt', recipient: anyAddress(random), args: [] });
      await this.#says({ kind: 'data' });
    }
    if (gone()) return;
    for (let n = random.below(6); n > 0; n--)
      await this.#says({ kind: 'header', name: anyName(random), value: random.text(200) });
    await this.#says({ kind: 'endOfHeaders' });
    if (gone()) return;
    for (let n = random.below(4); n > 0; n--) await this.#says({ kind: 'body', chunk: anyChunk(random) });
    if (gone()) return;
    await this.#says({ kind: 'endOfMessage', chunk: random.oneIn(2) ? anyChunk(random) : Buffer.alloc(0) });
    this.#course.messages += 1;
  }

  /** Each is one that Postern asks for, so that it is sent. */
  #outsideMessage(): Command {
    this.#tells({ kind: 'abort' });
    return this.#random.of<Command>([
      { kind: 'rcpt', recipient: '<bob@example.org>', args: [] },
      { kind: 'endOfMessage', chunk: Buffer.alloc(0) },
      { kind: 'connect', host: 'h', family: 'unknown', address: null, port: null },
      { kind: 'negotiate', version: 6, actions: 0, protocol: 0 },
      { kind: 'macros', code: 'M', table: 'i\0' },
    ]);
  }

  #insideMessage(): Command {
    return this.#random.of<Command>([
      { kind: 'connect', host: 'h', family: 'unknown', address: null, port: null },
      { kind: 'negotiate', version: 6, actions: 0, protocol: 0 },
      { kind: 'macros', code: 'R', table: '{rcpt_addr}' },
    ]);
  }

  /** The filter has to close, and needs not answer. */
  async #break(command: Command): Promise<void> {
    this.#course.how = 'broken';
    this.#tells(command);
    await inTime('it to be closed', this.#closed);
  }

  /** An MTA that is killed says no QUIT, and leaves half a frame. */
  #vanish(): void {
    this.#course.how = 'vanished';
    this.#socket.end(this.#random.bytes(this.#random.below(4)));
  }

  #tells(command: Command): void {
    this.#said.push(command.kind);
    this.#mta.tell(command);
  }

  async #says(command: EventCommand): Promise<void> {
    const macros = anyMacros(this.#random, command.kind);
    this.#said.push(command.kind);
    if ((await inTime(command.kind, this.#mta.send(command, macros))) !== null) this.#course.answers += 1;
  }
}

function anyConnect(random: Random): EventCommand {
  const host = random.of(['mx.example.net', 'unknown', '[192.0.2.10]', random.text(60)]);
  const text = random.text(40);
  switch (random.of(['ipv4', 'ipv4', 'ipv4', 'ipv6', 'ipv6', 'unix', 'unknown'] as const)) {
    case 'ipv4':
      return {
        kind: 'connect',
        host,
        family: 'ipv4',
        port: 1,
        address: random.of(['192.0.2.10', RELAY, text]),
      };
    case 'ipv6': {
      const address = random.of(['2001:db8::10', 'IPv6:2001:db8::10', '::ffff:192.0.2.10', text]);
      return { kind: 'connect', host, family: 'ipv6', port: 65_535, address };
    }
    case 'unix':
      return { kind: 'connect', host, family: 'unix', port: 0, address: random.of(['/run/s', text]) };
    default:
      return { kind: 'connect', host, family: 'unknown', port: null, address: null };
  }
}

/**
 * Short ones: too many bytes of macros are refused. Without `client_resolve` a client that comes with a queue id would
 * be none: mail of the MTA's own machine.
 */
function anyMacros(random: Random, kind: EventCommand['kind']): Record<string, string> | undefined {
  if (kind === 'connect')
    return {
      '{client_resolve}': random.of(['OK', 'FAIL', 'FORGED', 'TEMP']),
      '{client_ptr}': random.octets(random.below(60)),
    };
  return random.oneIn(3) ? { i: random.octets(random.below(20)) } : undefined;
}

function anyAddress(random: Random): string {
  return random.of([
    '<>',
    '<alice@example.net>',
    '<postmaster>',
    `<${random.text(40)}@${random.text(20)}>`,
    random.text(300),
  ]);
}

/** Those that Postern looks at, and others. */
function anyName(random: Random): string {
  return random.of(['Authentication-Results', 'X-Greylist', 'Received', 'Received-SPF', random.text(30)]);
}

function anyChunk(random: Random): Buffer {
  return random.oneIn(50) ? Buffer.alloc(65_535, random.below(256)) : random.bytes(random.below(500));
}
