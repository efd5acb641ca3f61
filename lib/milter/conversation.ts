/** Owns the order of a milter conversation: what a command means after those before it, and whether a reply is due. */

import type { Command } from './command.ts';
import { PROTOCOL } from './flags.ts';
import type { Options } from './layouts.ts';
import { define, dropFrom, dropRecipient, STAGE, stageOfCode } from './macros.ts';
import type { MacroStack } from './macros.ts';
import { ProtocolError } from './protocol-error.ts';
import { WAIVERS } from './waivers.ts';

/** Immutable: every command makes a new one. */
export interface Conversation {
  /** Null before the negotiation. */
  readonly terms: Options | null;
  readonly connected: boolean;
  /** The last stage of the message under way (STAGE); null outside a message. */
  readonly message: number | null;
  readonly macros: MacroStack;
  /** The stage that the last command gave macros for; null if it was no macro command. */
  readonly announced: number | null;
}

export const START: Conversation = {
  terms: null,
  connected: false,
  message: null,
  macros: null,
  announced: null,
};

/** A command that a filter may have an opinion on. */
export type EventCommand = Extract<Command, { readonly kind: keyof typeof STAGE }>;

export type Step =
  /** Answer the offer, and put what was agreed into the conversation with `agree`. */
  | { readonly kind: 'negotiate'; readonly offer: Options }
  | { readonly kind: 'macros' }
  | {
      readonly kind: 'event';
      readonly command: EventCommand;
      /** Exactly one answer is due, or none at all: one too many shifts all that follow. */
      readonly replyDue: boolean;
      /** A message was under way, and this command drops it without an ABORT of its own. */
      readonly aborts: boolean;
    }
  /** DATA of no message: see `converse`. */
  | { readonly kind: 'refused'; readonly replyDue: boolean }
  /** `aborts` is false for the ABORT that Postfix sends outside a message. */
  | { readonly kind: 'abort'; readonly aborts: boolean }
  | { readonly kind: 'quit'; readonly aborts: boolean }
  | { readonly kind: 'quitNewConnection'; readonly aborts: boolean };

export interface Turn {
  readonly next: Conversation;
  readonly step: Step;
}

export function agree(conversation: Conversation, terms: Options): Conversation {
  return { ...conversation, terms };
}

/**
 * Pure. Throws ProtocolError if the command is out of order. MTAs skip stages (those waived in the negotiation, DATA
 * before version 4, the body of an empty message) but never go back within a message, save that RCPT and DATA may come
 * again after DATA: who was refused there, by this filter or another, may go on with the same message, and neither
 * Postfix nor Sendmail keeps him from it. A new MAIL or HELO while a message is under way drops that message, as in
 * libmilter's engine.c: Sendmail begins anew after a refused MAIL, and Postfix shows a second HELO before it sends the
 * ABORT for what it cut short. A DATA outside a message is refused: Postfix 3.7 sends it for a client that goes on after
 * a refused BDAT LAST, goes on without us if we close, and dies of it if it is told to continue.
 */
export function converse(conversation: Conversation, command: Command): Turn {
  const { terms, message } = conversation;
  const aborts = message !== null;
  if (command.kind === 'quit') return { next: conversation, step: { kind: 'quit', aborts } };
  if (terms === null) {
    if (command.kind !== 'negotiate') throw new ProtocolError(`${command.kind} before the negotiation`);
    const { version, actions, protocol } = command;
    return { next: conversation, step: { kind: 'negotiate', offer: { version, actions, protocol } } };
  }
  switch (command.kind) {
    case 'negotiate':
      throw new ProtocolError('second negotiation');
    case 'macros': {
      const announced = stageOfCode(command.code);
      const macros =
        announced === null ? conversation.macros : define(conversation.macros, announced, command.table);
      return { next: { ...conversation, macros, announced }, step: { kind: 'macros' } };
    }
    case 'abort': {
      const macros = dropFrom(conversation.macros, STAGE.mail);
      return {
        next: { ...conversation, message: null, macros, announced: null },
        step: { kind: 'abort', aborts },
      };
    }
    case 'quitNewConnection':
      return { next: { ...START, terms }, step: { kind: 'quitNewConnection', aborts } };
    case 'data':
      if (message === null && (terms.protocol & PROTOCOL.noMail) === 0 && isConnected(conversation, terms))
        return {
          next: { ...conversation, announced: null },
          step: { kind: 'refused', replyDue: isReplyDue(terms, 'data') },
        };
      return event(conversation, terms, command);
    default:
      return event(conversation, terms, command);
  }
}

function event(conversation: Conversation, terms: Options, command: EventCommand): Turn {
  const { kind } = command;
  const stage = STAGE[kind];
  const before = conversation.message;
  const connected = conversation.connected || kind === 'connect';
  const message = messageAfter(conversation, terms, kind);
  const macros = macrosAt(conversation, stage);
  const aborts = before !== null && (kind === 'mail' || kind === 'helo');
  const replyDue = isReplyDue(terms, kind);
  return {
    next: { terms, connected, message, macros, announced: null },
    step: { kind: 'event', command, replyDue, aborts },
  };
}

function isReplyDue(terms: Options, kind: EventCommand['kind']): boolean {
  return (terms.protocol & (WAIVERS[kind]?.silent ?? 0)) === 0;
}

/** The message's stage after a command that may come now; throws ProtocolError for one that may not. */
function messageAfter(conversation: Conversation, terms: Options, kind: EventCommand['kind']): number | null {
  const { connected, message } = conversation;
  if (kind === 'unknown') return message;
  if (kind === 'connect') {
    if (connected) throw new ProtocolError('second connect');
    return null;
  }
  if (!isConnected(conversation, terms)) throw new ProtocolError(`${kind} before connect`);
  if (kind === 'helo') return null;
  const stage = STAGE[kind];
  if (kind === 'mail') return stage;
  if (message === null) {
    if ((terms.protocol & PROTOCOL.noMail) === 0) throw new ProtocolError(`${kind} outside a message`);
  } else if (!mayFollow(message, kind)) {
    throw new ProtocolError(`${kind} out of order`);
  }
  return kind === 'endOfMessage' ? null : stage;
}

/** As far as can be told: nobody says so where CONNECT is waived. */
function isConnected({ connected }: Conversation, terms: Options): boolean {
  return connected || (terms.protocol & PROTOCOL.noConnect) !== 0;
}

function mayFollow(last: number, kind: EventCommand['kind']): boolean {
  if (last === STAGE.data && kind === 'rcpt') return true;
  return STAGE[kind] > last || (STAGE[kind] === last && REPEATED.has(kind));
}

const REPEATED: ReadonlySet<string> = new Set(['rcpt', 'data', 'header', 'body']);

/**
 * The macros in force at a command. Those of connection and HELO last; the others are good for one command (or, for
 * MAIL, DATA and later, to the end of the message), so a second one without macros of its own has none.
 */
function macrosAt({ macros, announced, message }: Conversation, stage: number): MacroStack {
  const fresh = announced === stage || stage < STAGE.mail;
  const inForce = dropRecipient(dropFrom(macros, fresh ? stage + 1 : stage), stage);
  // The last message's macros were kept for its end of message, which is answered by now.
  return message === null && stage > STAGE.mail && announced !== stage
    ? dropFrom(inForce, STAGE.mail)
    : inForce;
}
