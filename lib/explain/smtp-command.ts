/** Owns SmtpCommand: what an SMTP client says in a transcript, with what the MTA knows beside it. */

export type SmtpCommand =
  /** `name`: the PTR name, `unknown` without one; `resolve`: what the MTA's look at it came to. */
  | {
      readonly kind: 'connect';
      readonly address: string;
      readonly name: string;
      readonly resolve: Resolve;
    }
  /** A program on the MTA's own machine hands mail in, with whatever client the MTA makes up for it. */
  | { readonly kind: 'submit'; readonly name: string; readonly address: string }
  /** `subject`: of the certificate that the client shows and the MTA could verify; empty: none. */
  | { readonly kind: 'starttls'; readonly subject: string }
  | { readonly kind: 'auth'; readonly login: string }
  | { readonly kind: 'helo'; readonly name: string }
  /** `sender` with its angle brackets; `args`: `SIZE=1000`. */
  | { readonly kind: 'mail'; readonly sender: string; readonly args: readonly string[] }
  | { readonly kind: 'rcpt'; readonly recipient: string }
  /** A line of the message's header, in the place of the text. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  /** `end`: the dot that ends a message. */
  | { readonly kind: 'data' | 'end' | 'rset' | 'quit' };

/** Postfix cuts at 2048 (line_length_limit). */
const LONGEST_LINE = 4096;

const RESOLVES = ['ok', 'fail', 'forged', 'temp'] as const;
export type Resolve = (typeof RESOLVES)[number];

/**
 * `CONNECT 192.0.2.10 mx.example.net forged`, `SUBMIT localhost 127.0.0.1`, `STARTTLS [subject]`, `AUTH alice`,
 * `HEADER Subject: x`, and SMTP's own. Throws SyntaxError for anything else.
 */
export function parseSmtpCommand(line: string): SmtpCommand {
  if (line.length > LONGEST_LINE) throw new SyntaxError('longer than any line of SMTP');
  if (line.includes('\0')) throw new SyntaxError('no line of SMTP holds a NUL');
  const [word = '', ...words] = line.split(' ').filter((part) => part !== '');
  const [first, second, third = 'ok'] = words;
  switch (word.toUpperCase()) {
    case 'CONNECT': {
      // `CONNECT 192.0.2.10 fail`: a client without a name.
      const nameless = RESOLVES.find((each) => each !== 'ok' && each === second?.toLowerCase());
      if (first !== undefined && (nameless !== undefined || second?.toLowerCase() === 'none'))
        return { kind: 'connect', address: first, name: 'unknown', resolve: nameless ?? 'fail' };
      const resolve = RESOLVES.find((each) => each === third.toLowerCase());
      if (first === undefined || second === undefined || resolve === undefined)
        throw new SyntaxError(`write CONNECT address name, and perhaps ${RESOLVES.slice(1).join(', ')}`);
      return { kind: 'connect', address: first, name: second, resolve };
    }
    case 'SUBMIT':
      if (first === undefined || second === undefined) throw new SyntaxError('write SUBMIT name address');
      return { kind: 'submit', name: first, address: second };
    case 'STARTTLS':
      return { kind: 'starttls', subject: words.join(' ') };
    case 'AUTH':
      if (first === undefined) throw new SyntaxError('write AUTH and the login');
      return { kind: 'auth', login: first };
    case 'HELO':
    case 'EHLO':
      if (first === undefined) throw new SyntaxError(`write ${word} and a name`);
      return { kind: 'helo', name: words.join(' ') };
    case 'MAIL': {
      const sender = path(line);
      const behind = line.slice(line.lastIndexOf('>') + 1).split(' ');
      return { kind: 'mail', sender, args: behind.filter((each) => /^(?:size=.*|smtputf8)$/i.test(each)) };
    }
    case 'RCPT':
      return { kind: 'rcpt', recipient: path(line) };
    case 'HEADER':
      return header(line);
    case 'DATA':
      return { kind: 'data' };
    case 'RSET':
      return { kind: 'rset' };
    case '.':
      return { kind: 'end' };
    case 'QUIT':
      return { kind: 'quit' };
    default:
      throw new SyntaxError(
        'no such command in a transcript: write CONNECT, HELO, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, HEADER, . (for the whole message), RSET, QUIT or SUBMIT',
      );
  }
}

function path(line: string): string {
  const found = /<.*>/s.exec(line)?.[0];
  if (found === undefined) throw new SyntaxError('an address stands in angle brackets: <bob@example.org>');
  return found;
}

/** RFC 5322 §3.6.8. */
function header(line: string): SmtpCommand {
  const [, name, value] = /^\s*\S+ +([!-9;-~]+):\s*(.*?)\s*$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new SyntaxError('write HEADER name: value');
  return { kind: 'header', name, value };
}

/** As a transcript writes it. */
export function formatSmtpCommand(command: SmtpCommand): string {
  switch (command.kind) {
    case 'connect': {
      const { address, name, resolve } = command;
      return `CONNECT ${address} ${name}${resolve === 'ok' ? '' : ` ${resolve}`}`;
    }
    case 'submit':
      return `SUBMIT ${command.name} ${command.address}`;
    case 'starttls':
      return `STARTTLS ${command.subject}`.trimEnd();
    case 'auth':
      return `AUTH ${command.login}`;
    case 'helo':
      return `HELO ${command.name}`;
    case 'mail':
      return ['MAIL', `FROM:${command.sender}`, ...command.args].join(' ');
    case 'rcpt':
      return `RCPT TO:${command.recipient}`;
    case 'header':
      return `HEADER ${command.name}: ${command.value}`.trimEnd();
    case 'end':
      return '.';
    case 'data':
    case 'rset':
    case 'quit':
      return command.kind.toUpperCase();
  }
}

/** RSET and QUIT: the client gives the message up. */
const ENDS_TEXT: ReadonlySet<SmtpCommand['kind']> = new Set(['header', 'end', 'rset', 'quit']);

type Point = 'nowhere' | 'session' | 'message' | 'text';

/** How far a session has come, so that a command out of order is told before it is played. */
export class SmtpOrder {
  #point: Point = 'nowhere';
  #hasRecipient = false;

  /** Throws SyntaxError for a command that no MTA would pass on here. */
  next({ kind }: SmtpCommand): void {
    this.#point = this.#after(kind);
    this.#hasRecipient = kind === 'rcpt' || (this.#hasRecipient && kind !== 'mail');
  }

  /** The last one is refused: no text follows a DATA that is. */
  refused(): void {
    if (this.#point === 'text') this.#point = 'message';
  }

  #after(kind: SmtpCommand['kind']): Point {
    const at = this.#point;
    if (kind === 'connect' || kind === 'submit') return 'session';
    if (at === 'nowhere') throw new SyntaxError('a session begins with CONNECT');
    if (at === 'text' && !ENDS_TEXT.has(kind))
      throw new SyntaxError('after DATA come HEADER lines and the dot, or RSET: write C: . before it');
    switch (kind) {
      case 'quit':
        return 'nowhere';
      case 'starttls':
      case 'auth':
      case 'helo':
      case 'rset':
        return 'session';
      case 'mail':
        // Another one begins another message, as if RSET stood before it.
        return 'message';
      case 'rcpt':
        if (at !== 'message') throw new SyntaxError('before RCPT comes MAIL');
        return at;
      case 'data':
        if (at !== 'message') throw new SyntaxError('before DATA come MAIL and RCPT');
        if (!this.#hasRecipient) throw new SyntaxError('before DATA comes RCPT');
        return 'text';
      case 'header':
        if (at !== 'text') throw new SyntaxError('before HEADER comes DATA');
        return at;
      case 'end':
        if (at !== 'text') throw new SyntaxError('before the dot comes DATA');
        return 'session';
    }
  }
}
