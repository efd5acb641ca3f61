/** Owns the talk with one MTA: commands in order, the filter's handlers asked, one answer for each that is due. */

import { answerFrame, readAnswer, readEnding } from './answer.ts';
import { actionOf, changeFrames } from './change.ts';
import type { Command } from './command.ts';
import type { Compiled } from './compiled.ts';
import { agree, converse, START } from './conversation.ts';
import type { Conversation, EventCommand, Step } from './conversation.ts';
import type { BodyAnswer, HandlerName, Problem } from './filter.ts';
import { FRAME_LIMIT, PROTOCOL } from './flags.ts';
import { call, isPromise } from './handlers.ts';
import type { Line } from './line.ts';
import type { MacroSource } from './session.ts';
import type { MacroStack, StageName } from './macros.ts';
import { negotiate } from './negotiation.ts';
import { encodeResponse, verdictFrame } from './response-frames.ts';
import { FilterSession } from './session.ts';

export class Dialogue<Context> implements MacroSource {
  readonly #filter: Compiled<Context>;
  readonly #line: Line;
  #conversation: Conversation = START;
  #session: FilterSession<Context> | null = null;
  /** The stage whose handler has promised an answer, and the number of that promise. */
  #asked: StageName | null = null;
  #promise = 0;
  /** End of message has come and is not answered. */
  #atEnd = false;
  #skipsBody = false;
  /** Some command of a session has come: after that the MTA may be silent for hours. */
  begun = false;

  constructor(filter: Compiled<Context>, line: Line) {
    this.#filter = filter;
    this.#line = line;
  }

  get macros(): MacroStack {
    return this.#conversation.macros;
  }

  get inTransaction(): boolean {
    return this.#atEnd || this.#conversation.message !== null;
  }

  get waiting(): boolean {
    return this.#asked !== null;
  }

  get atEndOfMessage(): boolean {
    return this.#atEnd;
  }

  /** A header field that nobody wants to see, behind another and without an answer: nothing comes of it. */
  passes(frame: Buffer): boolean {
    return this.#filter.headerNames?.pass(frame, this.#conversation) ?? false;
  }

  /** Throws ProtocolError. Not to be called while an answer is waited for. */
  take(command: Command): void {
    const { next, step } = converse(this.#conversation, command);
    // What ends a message or a session is told while its macros are still there: its queue id is wanted in a log.
    if ('aborts' in step && step.aborts) this.#endMessage();
    if (step.kind === 'quit' || step.kind === 'quitNewConnection') this.#closeSession();
    this.#conversation = next;
    switch (step.kind) {
      case 'event':
        this.#event(step);
        return;
      case 'negotiate': {
        const terms = negotiate(this.#filter.wanted, step.offer);
        const { version, actions, protocol } = terms;
        this.#conversation = agree(next, { version, actions, protocol });
        this.#line.agreed(protocol);
        this.#line.send(encodeResponse(terms));
        return;
      }
      case 'refused':
        if (step.replyDue) this.#line.send(verdictFrame('tempfail'));
        return;
      case 'quit':
        this.#line.finish();
        return;
      case 'macros':
      case 'abort':
      case 'quitNewConnection':
        return;
    }
  }

  /** Gives the answer that is chosen for handlers that take too long; theirs is nobody's when it comes. */
  late(): void {
    const stage = this.#asked;
    if (stage === null) return;
    this.tell({ kind: 'late', stage });
    this.#settle(this.#promise, stage, this.#lateAnswer(stage));
  }

  /** The connection is closed: drops the message under way and ends the session. Does it once. */
  end(): void {
    this.#asked = null;
    if (this.inTransaction) this.#endMessage();
    this.#closeSession();
  }

  tell(problem: Problem): void {
    try {
      this.#filter.problem(this.#session, problem);
    } catch (error) {
      // Nobody is left to be told: it ends as a listener's exception would, but not in the middle of our work.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #event({ command, replyDue }: Extract<Step, { readonly kind: 'event' }>): void {
    this.begun = true;
    const session = this.#session ?? this.#open();
    if (session === null) return;
    const { kind } = command;
    if (kind === 'endOfMessage') {
      this.#atEnd = true;
      const { chunk } = command;
      if (chunk.length > 0 && !this.#skipsBody && 'body' in this.#filter.answer) {
        this.#ask(session, { kind: 'body', chunk });
        return;
      }
      if (chunk.length > 0 && 'body' in this.#filter.watch) this.#show(session, { kind: 'body', chunk });
      this.#ask(session, command);
    } else if (kind === 'body' && this.#skipsBody) {
      if (replyDue) this.#line.send(verdictFrame('continue'));
    } else if (kind in this.#filter.answer) {
      this.#ask(session, command);
    } else {
      if (kind in this.#filter.watch && this.#isWanted(command)) this.#show(session, command);
      if (replyDue) this.#line.send(verdictFrame('continue'));
    }
  }

  #isWanted(command: EventCommand): boolean {
    return command.kind !== 'header' || (this.#filter.headerNames?.has(command.name) ?? true);
  }

  #open(): FilterSession<Context> | null {
    try {
      this.#session = new FilterSession(this.#filter.open(), this);
    } catch (error) {
      // Without a context no handler can be asked: the MTA's own default has to do.
      this.#line.fail({ kind: 'handler-error', stage: 'open', error });
    }
    return this.#session;
  }

  #show(session: FilterSession<Context>, command: EventCommand): void {
    const stage = command.kind;
    try {
      const done = call(this.#filter.watch, session, command);
      if (isPromise(done)) done.then(undefined, (error: unknown) => this.#tellError(stage, error));
    } catch (error) {
      this.#tellError(stage, error);
    }
  }

  /** A handler that answers at once takes no detour over a promise. */
  #ask(session: FilterSession<Context>, command: EventCommand): void {
    const stage = command.kind;
    let answer: unknown;
    try {
      answer = stage in this.#filter.answer ? call(this.#filter.answer, session, command) : 'continue';
    } catch (error) {
      this.#tellError(stage, error);
      answer = this.#lateAnswer(stage);
    }
    if (isPromise(answer)) this.#await(stage, answer);
    else this.#conclude(stage, answer);
  }

  #await(stage: StageName, answer: Promise<unknown>): void {
    const promise = ++this.#promise;
    this.#asked = stage;
    this.#line.asking();
    answer.then(
      (value) => this.#settle(promise, stage, value),
      (error: unknown) => {
        this.#tellError(stage, error);
        this.#settle(promise, stage, this.#lateAnswer(stage));
      },
    );
  }

  /** An answer that comes too late, or after the end, is nobody's. */
  #settle(promise: number, stage: StageName, answer: unknown): void {
    if (this.#asked === null || promise !== this.#promise) return;
    this.#asked = null;
    this.#conclude(stage, answer);
    this.#line.answered();
  }

  #lateAnswer(stage: StageName): BodyAnswer {
    if (this.#session === null) return 'continue';
    try {
      const answer = readAnswer(this.#filter.late(this.#session, stage), stage);
      answerFrame(answer);
      return answer;
    } catch (error) {
      this.#tellError('late', error);
      return 'continue';
    }
  }

  #conclude(stage: StageName, given: unknown): void {
    if (stage === 'endOfMessage') {
      this.#concludeMessage(given);
      return;
    }
    let answer: BodyAnswer;
    let frame: Buffer;
    try {
      answer = readAnswer(given, stage);
      frame = answerFrame(answer);
    } catch (error) {
      this.#tellError(stage, error);
      answer = this.#lateAnswer(stage);
      frame = answerFrame(answer);
    }
    if (this.#atEnd) {
      // This was the last piece of the body, which came with the end of message: that is the command to be answered.
      if (this.#session !== null && (answer === 'continue' || answer === 'skip')) {
        this.#ask(this.#session, END_OF_MESSAGE);
        return;
      }
      this.#atEnd = false;
    } else if (answer === 'skip') {
      this.#skipsBody = true;
      if (((this.#conversation.terms?.protocol ?? 0) & PROTOCOL.skip) === 0) frame = verdictFrame('continue');
    }
    this.#line.send(frame);
  }

  /** Changes, then the verdict. A change that can't be made is told and left out: mail goes on. */
  #concludeMessage(given: unknown): void {
    let verdict: Buffer;
    try {
      const ending = readEnding(given);
      verdict = answerFrame(ending.verdict);
      // A message that is refused or dropped needs no changes.
      if (ending.verdict === 'continue' || ending.verdict === 'accept')
        for (const change of ending.changes) this.#change(change);
    } catch (error) {
      this.#tellError('endOfMessage', error);
      verdict = answerFrame(this.#lateAnswer('endOfMessage'));
    }
    this.#atEnd = false;
    this.#skipsBody = false;
    this.#line.send(verdict);
  }

  #change(change: Parameters<typeof changeFrames>[0]): void {
    const { kind } = change;
    try {
      if (!this.#filter.declared.has(kind)) throw new TypeError(`${kind} is not among the filter's changes`);
      if (((this.#conversation.terms?.actions ?? 0) & actionOf(change)) === 0)
        this.tell({ kind: 'change-not-offered', change: kind });
      else for (const frame of changeFrames(change, FRAME_LIMIT)) this.#line.send(frame);
    } catch (error) {
      this.#tellError('endOfMessage', error);
    }
  }

  #endMessage(): void {
    this.#atEnd = false;
    this.#skipsBody = false;
    if (this.#session === null) return;
    try {
      this.#filter.abort(this.#session);
    } catch (error) {
      this.#tellError('abort', error);
    }
  }

  #closeSession(): void {
    const session = this.#session;
    if (session === null) return;
    try {
      this.#filter.close(session);
    } catch (error) {
      this.#tellError('close', error);
    }
    this.#session = null;
    session.end();
  }

  #tellError(stage: HandlerName, error: unknown): void {
    this.tell({ kind: 'handler-error', stage, error });
  }
}

const END_OF_MESSAGE: EventCommand = { kind: 'endOfMessage', chunk: Buffer.alloc(0) };
