/** Owns what an MTA says in one session: the bytes that it writes between two answers, under the terms agreed. */

import { COMMAND_CODE, encodeCommand, macrosFor } from '../../lib/milter/command-frames.ts';
import type { EventCommand } from '../../lib/milter/conversation.ts';
import { WAIVERS } from '../../lib/milter/waivers.ts';
import type { Identity } from './identity.ts';

/** Written in one piece, as Postfix does; then the answer at `stage` is waited for. */
export interface Turn {
  readonly stage: EventCommand['kind'];
  readonly bytes: Buffer;
}

export interface SessionScript {
  /** Up to the last RCPT. */
  readonly envelope: readonly Turn[];
  /** From DATA on. */
  readonly message: readonly Turn[];
}

const HEADERS = 8;
const BODY = Buffer.from(
  'The quick brown fox jumps over the lazy dog, again and again.\r\n'.repeat(16).slice(0, 1000),
);

/** `protocol`: the flags agreed; what they decline is left out, what they silence goes with the next. */
export function sessionScript(who: Identity, protocol: number): SessionScript {
  const envelope = new Turns(protocol);
  const { host, address, sender, recipients } = who;
  envelope.add({ kind: 'connect', host, family: 'ipv4', address, port: 40_000 }, CONNECT_MACROS);
  envelope.add({ kind: 'helo', name: host });
  envelope.add({ kind: 'mail', sender, args: ['SIZE=1500'] }, { '{mail_addr}': sender.slice(1, -1) });
  for (const recipient of recipients)
    envelope.add({ kind: 'rcpt', recipient, args: [] }, { '{rcpt_addr}': recipient.slice(1, -1) });
  const message = new Turns(protocol);
  message.add({ kind: 'data' }, { i: '4bQ1Zr2xYz' });
  for (let i = 0; i < HEADERS; i++)
    message.add({
      kind: 'header',
      name: `X-Load-${i}`,
      value: `from ${address}; a header of ordinary length`,
    });
  message.add({ kind: 'endOfHeaders' });
  message.add({ kind: 'body', chunk: BODY });
  message.add({ kind: 'endOfMessage', chunk: Buffer.alloc(0) });
  return { envelope: envelope.done, message: message.done };
}

/** CONNECT and HELO: what a connection that is held has said. */
export function greeting({ host, address }: Identity, protocol: number): readonly Turn[] {
  const turns = new Turns(protocol);
  turns.add({ kind: 'connect', host, family: 'ipv4', address, port: 40_000 }, CONNECT_MACROS);
  turns.add({ kind: 'helo', name: host });
  return turns.flushed();
}

const CONNECT_MACROS = { j: 'mx.example.org', '{daemon_name}': 'smtpd', '{client_resolve}': 'OK' };

class Turns {
  readonly done: Turn[] = [];
  readonly #protocol: number;
  #unsent: Buffer[] = [];
  #last: EventCommand['kind'] = 'connect';

  constructor(protocol: number) {
    this.#protocol = protocol;
  }

  add(command: EventCommand, macros?: Readonly<Record<string, string>>): void {
    const stage = command.kind;
    const { decline, silent } = WAIVERS[stage] ?? { decline: 0, silent: 0 };
    if ((this.#protocol & decline) !== 0) return;
    if (macros !== undefined) this.#unsent.push(encodeCommand(macrosFor(COMMAND_CODE[stage], macros)));
    this.#unsent.push(encodeCommand(command));
    this.#last = stage;
    if ((this.#protocol & silent) === 0) this.#flush();
  }

  /** What nobody answers makes a last turn of its own. */
  flushed(): readonly Turn[] {
    if (this.#unsent.length > 0) this.#flush();
    return this.done;
  }

  #flush(): void {
    this.done.push({ stage: this.#last, bytes: Buffer.concat(this.#unsent) });
    this.#unsent = [];
  }
}
