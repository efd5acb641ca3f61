/** Owns the public face of the library: what a filter's author writes, and what he gets to see. */

import type { Duplex } from 'node:stream';
import type { Family } from './command.ts';
import { compile } from './compiled.ts';
import { FilterConnection } from './connection.ts';
import type { StageName } from './macros.ts';
import type { MacroLists } from './negotiation.ts';
import type { ProtocolError } from './protocol-error.ts';
import type { Refusal } from './reply-text.ts';
import { Sweep } from './sweep.ts';

/** One SMTP session, as long as the MTA's connection lasts or until it announces a new one. */
export interface Session<Context> {
  /** What `open` made. */
  readonly context: Context;
  /** Unique in this process. */
  readonly id: number;
  /** Aborted when the session ends: nobody waits for an answer any more. */
  readonly signal: AbortSignal;
  /** The value of a macro at this stage; braces or not make no difference. Null: the MTA gave none. */
  macro(name: string): string | null;
}

/** Texts are UTF-8 where the bytes are valid UTF-8, else latin-1: any octet but NUL may come. */
export interface Events {
  connect: {
    /** The verified name, `[192.0.2.1]` or `unknown`. */
    readonly host: string;
    readonly family: Family;
    /** An IP address without Sendmail's `IPv6:`, or a unix socket's path; null if the family is unknown. */
    readonly address: string | null;
    readonly port: number | null;
  };
  /** Comes again after STARTTLS. */
  helo: { readonly name: string };
  /** As given, with angle brackets; the null sender is `<>`. Arguments: `SIZE=1000`. */
  mail: { readonly sender: string; readonly args: readonly string[] };
  rcpt: { readonly recipient: string; readonly args: readonly string[] };
  data: undefined;
  /** Each fold in the value is LF and white space. */
  header: { readonly name: string; readonly value: string };
  endOfHeaders: undefined;
  /** Up to 64 KB each, or the negotiated size. */
  body: { readonly chunk: Buffer };
  /** An SMTP command that the MTA does not know. */
  unknown: { readonly line: string };
}

/**
 * At connect or helo, all but `continue` settle the whole session. At rcpt, `reject`, `tempfail` and a refusal settle
 * that recipient, but `accept` and `discard` the whole message: no further recipient, nor its end, is shown.
 * Later they settle the message. `shutdown` is a 421 that ends the SMTP session.
 */
export type Answer =
  | 'continue'
  | 'accept'
  | 'reject'
  | 'tempfail'
  | 'discard'
  | 'shutdown'
  | 'connection-failure'
  | Refusal;

/** `skip`: no more of this body. Where the MTA can't, the library skips it itself. */
export type BodyAnswer = Answer | 'skip';

/** A change of the message. Addresses with or without angle brackets, all texts are sent as UTF-8. */
export type Change =
  | { readonly kind: 'addHeader'; readonly name: string; readonly value: string }
  /** `index` 0: above all others, the MTA's own Received line too. */
  | { readonly kind: 'insertHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** `index` counts from 1 among the headers of that name; null deletes. */
  | {
      readonly kind: 'changeHeader';
      readonly index: number;
      readonly name: string;
      readonly value: string | null;
    }
  /** `args`: ESMTP arguments, separated by spaces. */
  | { readonly kind: 'addRecipient'; readonly recipient: string; readonly args?: string }
  | { readonly kind: 'deleteRecipient'; readonly recipient: string }
  /** Lines end in CRLF. */
  | { readonly kind: 'replaceBody'; readonly body: Buffer | string }
  | { readonly kind: 'changeSender'; readonly sender: string; readonly args?: string }
  | { readonly kind: 'quarantine'; readonly reason: string };

export type ChangeKind = Change['kind'];

/** The last word on a message. Changes go with `continue` and `accept`, and are of no use with the others. */
export interface Ending<Kinds extends ChangeKind = ChangeKind> {
  readonly verdict: Answer;
  readonly changes: readonly Extract<Change, { readonly kind: Kinds }>[];
}

type Soon<T> = T | Promise<T>;

export type EventHandler<Context, Name extends keyof Events, Result> = Events[Name] extends undefined
  ? (session: Session<Context>) => Result
  : (session: Session<Context>, event: Events[Name]) => Result;

/** For events that are only seen. Nobody waits for a promise; if it fails, `problem` is told. */
export type Watch<Context> = {
  readonly [Name in keyof Events]?: EventHandler<Context, Name, Soon<void>>;
};

export type Answering<Context, Kinds extends ChangeKind> = {
  readonly [Name in keyof Events]?: EventHandler<
    Context,
    Name,
    Soon<Name extends 'body' ? BodyAnswer : Answer>
  >;
} & {
  readonly endOfMessage?: (session: Session<Context>) => Soon<Answer | Ending<Kinds>>;
};

/** The places where a filter's own code runs. */
export type HandlerName = StageName | 'open' | 'abort' | 'close' | 'late';

/** Things that went wrong. Those marked so have closed the connection, and are told exactly once. */
export type Problem =
  /** The MTA broke the protocol. Closes. */
  | { readonly kind: 'protocol-error'; readonly error: ProtocolError }
  /** A handler threw or rejected, or answered what can't be sent. Closes if `open` did. */
  | { readonly kind: 'handler-error'; readonly stage: HandlerName; readonly error: unknown }
  /** A handler took too long; the answer that `late` chose was given. */
  | { readonly kind: 'late'; readonly stage: StageName }
  /** The MTA said nothing for too long (`idle`), began a frame and stopped, or did not read our answers. Closes. */
  | { readonly kind: 'timeout'; readonly what: 'idle' | 'frame' | 'write' }
  /** The socket failed. Closes. */
  | { readonly kind: 'stream-error'; readonly error: Error }
  /** A fault of this library. Closes. */
  | { readonly kind: 'bug'; readonly error: unknown }
  /** The MTA does not let filters do that; the message went on without this change. */
  | { readonly kind: 'change-not-offered'; readonly change: ChangeKind };

export interface FilterOptions<Context, Kinds extends ChangeKind = ChangeKind> {
  /** Called at the first event of each SMTP session. */
  readonly open: () => Context;
  /** The macros wanted by stage, for MTAs that let filters choose. A list replaces the MTA's own for that stage. */
  readonly macros?: MacroLists;
  /** What `endOfMessage` may return; nothing else is asked of the MTA. */
  readonly changes?: readonly Kinds[];
  readonly watch?: Watch<Context>;
  /** An event is either watched or answered. What is neither, the MTA is asked not to send. */
  readonly answer?: Answering<Context, NoInfer<Kinds>>;
  /** The message under way was dropped, by the MTA or with its connection. */
  readonly abort?: (session: Session<Context>) => void;
  /** The session ended; exactly once for each that was opened. */
  readonly close?: (session: Session<Context>) => void;
  /** Milliseconds that a handler may take at any stage before end of message. 8000. */
  readonly answerWithinMs?: number;
  /** The same at end of message, where the MTA is kept patient meanwhile. 300 000. */
  readonly endOfMessageWithinMs?: number;
  /** How often the MTA is told at end of message that the answer is still to come. 10 000. */
  readonly progressMs?: number;
  /** What to answer for a handler that is too slow or fails. `continue`. */
  readonly late?: (session: Session<Context>, stage: StageName) => Answer;
  /** How long an MTA may be silent: it is while a client sends a whole message. 7 230 000, a little above libmilter's. */
  readonly idleMs?: number;
  /** How long a frame may take from its first byte to its last. After as long without a session, `unused` is true. 60 000. */
  readonly frameMs?: number;
  /** How long an answer may wait for the MTA to read it. 60 000. */
  readonly writeMs?: number;
  /** Of the header fields only those of these names are watched, in whatever case; without it all are. */
  readonly headerNames?: readonly string[];
  /** Recipients that the MTA has refused itself are shown too. */
  readonly refusedRecipients?: boolean;
  /** Header values come with the white space after their colon, and have to be given with it. */
  readonly leadingSpace?: boolean;
  /** The longest frame wanted, where the MTA offers more than 64K. */
  readonly frameSize?: '64K' | '256K' | '1M';
  /** The session is null before its first event. */
  readonly problem?: (session: Session<Context> | null, problem: Problem) => void;
}

/** One connection from an MTA. */
export interface Connection {
  /** A message is under way: its MAIL has come, and its end is not answered yet. */
  readonly inTransaction: boolean;
  /** A handler has been asked and has not answered yet. */
  readonly waiting: boolean;
  /** For longer than a frame may take, nothing of a session has come over it: whoever needs its place may have it. */
  readonly unused: boolean;
  /** Settles when the connection is closed, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  /** Lets the message under way finish, then closes; closes at once if there is none. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

export interface Filter {
  /** Takes over a connection from an MTA: a socket, or any other stream. */
  serve(stream: Duplex): Connection;
}

/** Throws TypeError if an event is both watched and answered. */
export function createFilter<Context, const Kinds extends ChangeKind = ChangeKind>(
  options: FilterOptions<Context, Kinds>,
): Filter {
  const compiled = compile(options);
  const sweep = new Sweep(compiled.deadlines);
  return { serve: (stream) => new FilterConnection(compiled, sweep, stream) };
}
