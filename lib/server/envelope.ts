/** Owns Envelope: one SMTP session as far as it has come, and the recipients of its current message. */

import type { InboundFields } from '../headers/inbound-fields.ts';
import { mailboxOf } from '../mail/mailbox.ts';
import { NOBODY } from '../mail/session.ts';
import type { AtConnect, AtHelo, AtMail, AtRcpt, Client, Tls } from '../mail/session.ts';
import { Scope } from '../policy/scope.ts';
import type { Decision } from '../policy/verdict.ts';

/** A recipient that was let in at RCPT. */
export interface Recipient {
  /** As the MTA gave it, with its angle brackets: changes at end of message name it by that. */
  readonly path: string;
  readonly session: AtRcpt;
  readonly scope: Scope;
  readonly atRcpt: Decision;
  /** Of both, the one that holds. */
  readonly decision: Decision;
  /** Where that was decided. */
  readonly stage: 'rcpt' | 'data';
  /** Null: there was none yet. */
  readonly queueId: string | null;
  /** How long the decision took. */
  readonly ms: number;
  /** The log has a line about it. */
  told: boolean;
}

export interface Message {
  readonly session: AtMail;
  readonly scope: Scope;
  readonly recipients: Recipient[];
  /** Characters of all paths. */
  length: number;
  /** The rules that hold for the message as a whole have been asked. */
  decided: boolean;
  /** How often DATA has come. */
  rounds: number;
  /** What comes of a recipient from here on is told by itself. */
  over: boolean;
  /** Recipients were let in that are not among `recipients`: the message is theirs too. */
  more: boolean;
  /** The client declared SMTPUTF8 (RFC 6531): its header may hold UTF-8. */
  readonly international: boolean;
  /** Some machine has sent it, and nobody waits for an answer. */
  automatic: boolean;
  /** Which of its header fields are not to be believed; null: none that might be. */
  inbound: InboundFields | null;
  /** Of mail from a trusted relay the Received fields, from above; null: it is none. */
  received: string[] | null;
  /** The message as the host before the relay would have brought it; null: nobody knows that host, or there is no relay. */
  before: Message | null;
  /** It began at the trusted relay that hands it on. */
  local: boolean;
}

/** A session as far as it has come, with what has been found out about it. */
export interface Stop<S> {
  readonly session: S;
  readonly scope: Scope;
}

/** MAIL FROM, and what the MTA says of it. */
export interface MailFrom {
  readonly path: string;
  /** What the MTA takes the sender for; null: it does not say. */
  readonly taken: string | null;
  readonly auth: string | null;
  /** As the client declares it. */
  readonly size: number | null;
  /** SMTPUTF8; absent: not declared. */
  readonly international?: boolean;
}

export interface Judged {
  /** The one that it belongs to: by the time that it is decided, another may be under way. */
  readonly message: Message;
  readonly session: AtRcpt;
  readonly scope: Scope;
}

/** Remembers a recipient that was let in; false: there are more than any MTA lets through. */
export function keep(message: Message, recipient: Recipient): boolean {
  message.length += recipient.path.length;
  if (message.recipients.length >= MOST_RECIPIENTS || message.length > MOST_CHARACTERS) return false;
  message.recipients.push(recipient);
  return true;
}

/** Postfix lets 1000 through (smtpd_recipient_limit); what is kept of a message must be bounded whatever an MTA says. */
const MOST_RECIPIENTS = 10_000;
const MOST_CHARACTERS = 1_000_000;

export class Envelope {
  readonly id: string;
  readonly #untold: (message: Message) => void;
  /** What is still to be done if the answer that is being waited for comes too late; each its own. */
  late: (() => void) | null = null;
  #client = NOBODY;
  #tells = false;
  #helo: string | null = null;
  #tls: Tls | null = null;
  #atConnect = new Scope('connect');
  #atHelo: Scope | null = null;
  #message: Message | null = null;

  /** `untold`: a message is over; of its recipients some may not have been told. */
  constructor(id: string, untold: (message: Message) => void = () => {}) {
    this.id = id;
    this.#untold = untold;
  }

  /** `tells`: see `tellsAddresses`. */
  connect(client: Client, tells = false): void {
    this.#client = client;
    this.#tells = tells;
    this.#helo = null;
    this.#tls = null;
    this.end();
    this.#atConnect = new Scope('connect');
  }

  /** Comes again after STARTTLS: all that rested on the first name is forgotten with it. */
  helo(name: string, tls: Tls | null): void {
    this.#helo = name;
    this.#tls = tls;
    this.#endHelo();
  }

  get connected(): Stop<AtConnect> {
    return { session: { id: this.id, client: this.#client }, scope: this.#atConnect };
  }

  get greeted(): Stop<AtHelo> {
    const { session } = this.connected;
    this.#atHelo ??= new Scope('helo', this.#atConnect);
    return { session: { ...session, helo: this.#helo, tls: this.#tls }, scope: this.#atHelo };
  }

  mail({ path, taken, auth, size, international = false }: MailFrom): void {
    const { session, scope } = this.greeted;
    this.endMessage();
    this.#message = {
      session: { ...session, sender: mailboxOf(path, taken), auth, size },
      scope: new Scope('mail', scope),
      recipients: [],
      length: path.length,
      decided: false,
      rounds: 0,
      over: false,
      more: false,
      international,
      automatic: false,
      inbound: null,
      received: null,
      before: null,
      local: false,
    };
  }

  /** The MTA says what it takes an address for. */
  get tellsAddresses(): boolean {
    return this.#tells;
  }

  /** Null outside a message, which the protocol rules out. */
  get message(): Message | null {
    return this.#message;
  }

  /** A recipient that is about to be judged; null if the path is empty, which no MTA accepts. */
  recipient(path: string, taken: string | null): Judged | null {
    // No MTA takes a recipient for nobody.
    const recipient = mailboxOf(path, taken === '' ? null : taken);
    const message = this.#message;
    if (message === null || recipient === null) return null;
    const recipients = message.recipients.length + 1;
    return {
      message,
      session: { ...message.session, recipient, recipients },
      scope: new Scope('rcpt', message.scope),
    };
  }

  endMessage(): void {
    const message = this.#message;
    this.#message = null;
    if (message === null) return;
    message.over = true;
    this.#untold(message);
    endScopes(message);
  }

  /** Nothing more is to come of it. */
  end(): void {
    this.#endHelo();
    this.#atConnect.end();
  }

  #endHelo(): void {
    this.endMessage();
    this.#atHelo?.end();
    this.#atHelo = null;
  }
}

function endScopes({ recipients, scope, before }: Message): void {
  for (const each of recipients) each.scope.end();
  scope.end();
  if (before === null) return;
  endScopes(before);
  // They are of nobody's session.
  before.scope.of('helo').end();
  before.scope.of('connect').end();
}
