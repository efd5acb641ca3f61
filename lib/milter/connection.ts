/** Owns one connection from an MTA: bytes in, a filter's handlers asked in order, answers out. */

import type { Duplex } from 'node:stream';
import { actionOf, answerFrame, changeFrames, isEnding } from './answer.ts';
import { decodeCommand } from './command.ts';
import type { Command } from './command.ts';
import type { Call, Compiled } from './compiled.ts';
import { agree, converse, START } from './conversation.ts';
import type { Conversation, Step } from './conversation.ts';
import { eventOf } from './event.ts';
import type { Answer, BodyAnswer, Connection, Ending, HandlerName, Problem } from './filter.ts';
import { FRAME_LIMIT, frameLimit, PROTOCOL } from './flags.ts';
import { Framer } from './framer.ts';
import type { MacroStack, StageName } from './macros.ts';
import { negotiate } from './negotiation.ts';
import { ProtocolError } from './protocol-error.ts';
import { encodeResponse, verdictFrame } from './response-frames.ts';
import { FilterSession } from './session.ts';
import type { Sweep, Swept } from './sweep.ts';

/** Thousands of these idle at once: no closures, no timers and no clock per connection. */
export class FilterConnection implements Connection, Swept {
  readonly #filter: Compiled;
  readonly #sweep: Sweep;
  readonly #stream: Duplex;
  readonly #framer = new Framer();
  #conversation: Conversation = START;
  #session: FilterSession | null = null;

  /** Answers that leave together at the end of the turn. */
  #out: Buffer[] | Buffer | null = null;
  #running = false;
  /** The stage whose handler has promised an answer, and the number of that promise. */
  #asked: StageName | null = null;
  #promise = 0;
  /** End of message has come and is not answered. */
  #atEnd = false;
  #skipsBody = false;
  /** To be closed when the message under way is through, or as soon as no answer is owed. */
  #ending: 'after-message' | 'now' | null = null;
  /** Nothing is read or answered any more. */
  #over = false;
  #paused = false;
  /** The MTA does not read what we write. */
  #blocked = false;

  /** Ticks of the sweep; -1: not so at present. */
  #heardAt: number;
  #askedAt = -1;
  #progressAt = -1;
  #frameAt = -1;
  #unreadAt = -1;

  #closed: Promise<void> | null = null;
  #resolveClosed: (() => void) | null = null;
  #isClosed = false;

  constructor(filter: Compiled, sweep: Sweep, stream: Duplex) {
    this.#filter = filter;
    this.#sweep = sweep;
    this.#stream = stream;
    this.#heardAt = sweep.ticks;
    sweep.add(this);
    listen(stream, this);
  }

  get inTransaction(): boolean {
    return this.#atEnd || this.#conversation.message !== null;
  }

  get waiting(): boolean {
    return this.#asked !== null;
  }

  /** Made when it is first asked for. */
  get closed(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#isClosed) resolve();
      else this.#resolveClosed = resolve;
    });
    return this.#closed;
  }

  get macros(): MacroStack {
    return this.#conversation.macros;
  }

  end(): void {
    this.#ending ??= 'after-message';
    if (!this.#running) this.#run();
  }

  destroy(): void {
    this.#over = true;
    this.#stream.destroy();
    this.#endSession();
  }

  received(chunk: Buffer): void {
    if (this.#over) return;
    this.#heardAt = this.#sweep.ticks;
    this.#framer.push(chunk);
    if (this.#asked !== null || this.#blocked) {
      // Kept, but no more of it: what the MTA sends ahead of our answer waits in its own socket.
      this.#paused = true;
      this.#stream.pause();
    } else {
      this.#run();
    }
  }

  drained(): void {
    this.#blocked = false;
    if (this.#asked === null) this.#run();
  }

  /** The MTA will send no more. */
  ended(): void {
    if (this.#over) return;
    if (this.#framer.halfReceived)
      this.#fail({ kind: 'protocol-error', error: new ProtocolError('connection closed inside a frame') });
    else if (this.#stream.writable && (this.#asked !== null || this.#blocked)) this.#ending = 'now';
    else this.#finish();
  }

  failed(error: Error): void {
    if (!this.#over) this.#fail({ kind: 'stream-error', error });
  }

  gone(): void {
    this.#over = true;
    this.#endSession();
    this.#sweep.delete(this);
    this.#isClosed = true;
    this.#resolveClosed?.();
  }

  sweep(): void {
    const { answerMs, endOfMessageMs, progressMs, idleMs, frameMs, writeMs } = this.#filter.deadlines;
    const sweep = this.#sweep;
    if (this.#over) {
      // We ended the stream, and the MTA does not end its side.
      if (sweep.over(this.#heardAt, writeMs)) this.#stream.destroy();
      return;
    }
    if (this.#stream.writableLength === 0) this.#unreadAt = -1;
    else if (this.#unreadAt < 0) this.#unreadAt = sweep.ticks;
    if (this.#unreadAt >= 0 && sweep.over(this.#unreadAt, writeMs)) {
      this.#fail({ kind: 'timeout', what: 'write' });
    } else if (this.#asked !== null) {
      if (sweep.due(this.#askedAt, this.#atEnd ? endOfMessageMs : answerMs)) this.#late(this.#asked);
      else if (this.#atEnd && sweep.due(this.#progressAt, progressMs)) this.#progress();
    } else if (this.#frameAt >= 0 && sweep.over(this.#frameAt, frameMs)) {
      this.#fail({ kind: 'timeout', what: 'frame' });
    } else if (sweep.over(this.#heardAt, idleMs)) {
      this.#fail({ kind: 'timeout', what: 'idle' });
    }
  }

  get #mayEnd(): boolean {
    return this.#ending === 'after-message' && !this.inTransaction;
  }

  /** Takes commands until one has to wait for its answer or no whole one is left; then writes the answers, once. */
  #run(): void {
    let took = false;
    this.#running = true;
    try {
      while (!this.#over && !this.#blocked && this.#asked === null && !this.#mayEnd) {
        const frame = this.#framer.next();
        if (frame === null) break;
        took = true;
        this.#take(decodeCommand(frame));
      }
    } catch (error) {
      this.#fail(error instanceof ProtocolError ? { kind: 'protocol-error', error } : { kind: 'bug', error });
    } finally {
      this.#running = false;
    }
    this.#flush();
    if (this.#over) return;
    if (!this.#framer.halfReceived) this.#frameAt = -1;
    else if (took || this.#frameAt < 0) this.#frameAt = this.#sweep.ticks;
    if (this.#asked !== null) return;
    if (this.#mayEnd || this.#ending === 'now') this.#finish();
    else if (this.#paused && !this.#blocked) {
      this.#paused = false;
      this.#stream.resume();
    }
  }

  #take(command: Command): void {
    const { next, step } = converse(this.#conversation, command);
    // What ends a message or a session is told while its macros are still there: its queue id is wanted in a log.
    if ('aborts' in step && step.aborts) this.#endMessage();
    if (step.kind === 'quit' || step.kind === 'quitNewConnection') this.#endSession(false);
    this.#conversation = next;
    switch (step.kind) {
      case 'macros':
        return;
      case 'event':
        this.#event(step);
        return;
      case 'negotiate': {
        const terms = negotiate(this.#filter.wanted, step.offer);
        const { version, actions, protocol } = terms;
        this.#conversation = agree(next, { version, actions, protocol });
        this.#framer.limit = frameLimit(protocol);
        this.#send(encodeResponse(terms));
        return;
      }
      case 'abort':
      case 'quitNewConnection':
        return;
      case 'quit':
        this.#finish();
        return;
    }
  }

  #event({ command, replyDue }: Extract<Step, { kind: 'event' }>): void {
    const session = this.#session ?? this.#open();
    if (session === null) return;
    const { kind } = command;
    const { watch, answer } = this.#filter;
    if (kind === 'endOfMessage') {
      this.#atEnd = true;
      const { chunk } = command;
      if (chunk.length === 0 || this.#skipsBody) this.#askForEnd(session);
      else if (answer.body !== undefined) this.#ask(session, 'body', answer.body, { chunk });
      else {
        if (watch.body !== undefined) this.#show(session, 'body', watch.body, { chunk });
        this.#askForEnd(session);
      }
      return;
    }
    const skipped = kind === 'body' && this.#skipsBody;
    const asked = skipped ? undefined : answer[kind];
    const seen = skipped ? undefined : watch[kind];
    if (asked !== undefined) {
      this.#ask(session, kind, asked, eventOf(command));
      return;
    }
    if (seen !== undefined) this.#show(session, kind, seen, eventOf(command));
    if (replyDue) this.#send(verdictFrame('continue'));
  }

  #askForEnd(session: FilterSession): void {
    const ask = this.#filter.answer.endOfMessage;
    if (ask === undefined) this.#conclude('endOfMessage', 'continue');
    else this.#ask(session, 'endOfMessage', ask, undefined);
  }

  #open(): FilterSession | null {
    try {
      this.#session = new FilterSession(this.#filter.open(), this);
    } catch (error) {
      // Without a context no handler can be asked: the MTA's own default has to do.
      this.#fail({ kind: 'handler-error', stage: 'open', error });
    }
    return this.#session;
  }

  #show(session: FilterSession, stage: StageName, watch: Call, event: unknown): void {
    try {
      const done = watch(session, event);
      if (isPromise(done)) done.then(undefined, (error: unknown) => this.#tellError(stage, error));
    } catch (error) {
      this.#tellError(stage, error);
    }
  }

  /** A handler that answers at once takes no detour over a promise. */
  #ask(session: FilterSession, stage: StageName, handler: Call, event: unknown): void {
    let answer: unknown;
    try {
      answer = handler(session, event);
    } catch (error) {
      this.#tellError(stage, error);
      this.#conclude(stage, this.#lateAnswer(stage));
      return;
    }
    if (isPromise(answer)) this.#await(stage, answer);
    else this.#conclude(stage, answer as BodyAnswer | Ending);
  }

  #await(stage: StageName, answer: Promise<unknown>): void {
    this.#promise += 1;
    const promise = this.#promise;
    this.#asked = stage;
    this.#askedAt = this.#sweep.ticks;
    this.#progressAt = this.#sweep.ticks;
    answer.then(
      (value) => this.#settle(promise, stage, value as BodyAnswer | Ending),
      (error: unknown) => {
        this.#tellError(stage, error);
        this.#settle(promise, stage, this.#lateAnswer(stage));
      },
    );
  }

  /** An answer that comes too late, or after the end, is nobody's. */
  #settle(promise: number, stage: StageName, answer: BodyAnswer | Ending): void {
    if (this.#over || this.#asked === null || promise !== this.#promise) return;
    this.#asked = null;
    this.#heardAt = this.#sweep.ticks;
    this.#conclude(stage, answer);
    this.#run();
  }

  #late(stage: StageName): void {
    this.#tell({ kind: 'late', stage });
    this.#settle(this.#promise, stage, this.#lateAnswer(stage));
  }

  #lateAnswer(stage: StageName): Answer {
    if (this.#session === null) return 'continue';
    try {
      const answer = this.#filter.late(this.#session, stage);
      answerFrame(answer);
      return answer;
    } catch (error) {
      this.#tellError('late', error);
      return 'continue';
    }
  }

  #conclude(stage: StageName, given: BodyAnswer | Ending): void {
    let answer = given;
    let frames: Buffer[] | Buffer;
    try {
      frames = this.#framesOf(stage, answer);
    } catch (error) {
      this.#tellError(stage, error);
      answer = this.#lateAnswer(stage);
      frames = answerFrame(answer);
    }
    if (stage === 'body') {
      // The last piece of the body came with the end of message: that is the command to be answered.
      if (this.#atEnd && this.#session !== null && (answer === 'continue' || answer === 'skip')) {
        this.#askForEnd(this.#session);
        return;
      }
      if (answer === 'skip') {
        this.#skipsBody = true;
        if ((this.#protocol & PROTOCOL.skip) === 0) frames = verdictFrame('continue');
      }
    }
    if (this.#atEnd) {
      this.#atEnd = false;
      this.#skipsBody = false;
    }
    if (Array.isArray(frames)) for (const frame of frames) this.#send(frame);
    else this.#send(frames);
  }

  get #protocol(): number {
    return this.#conversation.terms?.protocol ?? 0;
  }

  #framesOf(stage: StageName, answer: BodyAnswer | Ending): Buffer[] | Buffer {
    if (answer === 'skip') {
      if (stage !== 'body') throw new RangeError(`skip is no answer to ${stage}`);
      return verdictFrame('skip');
    }
    if (stage !== 'endOfMessage' || !isEnding(answer)) return answerFrame(answer as Answer);
    const verdict = answerFrame(answer.verdict);
    // A message that is refused or dropped needs no changes.
    if (answer.verdict !== 'continue' && answer.verdict !== 'accept') return verdict;
    const frames: Buffer[] = [];
    for (const change of answer.changes) {
      try {
        if (!this.#filter.declared.has(change.kind))
          throw new TypeError(`${change.kind} is not among the filter's changes`);
        if (((this.#conversation.terms?.actions ?? 0) & actionOf(change)) === 0)
          this.#tell({ kind: 'change-not-offered', change: change.kind });
        else frames.push(...changeFrames(change, FRAME_LIMIT));
      } catch (error) {
        this.#tellError(stage, error);
      }
    }
    frames.push(verdict);
    return frames;
  }

  #progress(): void {
    this.#progressAt = this.#sweep.ticks;
    this.#send(verdictFrame('progress'));
    this.#flush();
  }

  #send(frame: Buffer): void {
    if (this.#out === null) this.#out = frame;
    else if (Array.isArray(this.#out)) this.#out.push(frame);
    else this.#out = [this.#out, frame];
  }

  /** One write for all: small writes after each other would meet Nagle's algorithm and a delayed ACK. */
  #flush(): void {
    const out = this.#out;
    if (out === null) return;
    this.#out = null;
    if (!this.#stream.writable) return;
    if (!this.#stream.write(Array.isArray(out) ? Buffer.concat(out) : out)) this.#blocked = true;
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

  #endSession(aborts = this.inTransaction): void {
    this.#asked = null;
    const session = this.#session;
    if (session === null) return;
    if (aborts) this.#endMessage();
    this.#session = null;
    session.end();
    try {
      this.#filter.close(session);
    } catch (error) {
      this.#tell({ kind: 'handler-error', stage: 'close', error }, session);
    }
  }

  /** Closes in good order. Nothing of ours under way: done at once; else the MTA shall read it first. */
  #finish(): void {
    const mayBeUnread = this.#out !== null || this.#ending !== null;
    this.#flush();
    this.#over = true;
    this.#heardAt = this.#sweep.ticks;
    this.#endSession();
    if (mayBeUnread || this.#stream.writableLength > 0) {
      this.#stream.end();
      this.#stream.resume();
    } else {
      this.#stream.destroy();
    }
  }

  #fail(problem: Problem): void {
    this.#flush();
    this.#over = true;
    this.#stream.destroy();
    this.#tell(problem);
    this.#endSession();
  }

  #tellError(stage: HandlerName, error: unknown): void {
    this.#tell({ kind: 'handler-error', stage, error });
  }

  #tell(problem: Problem, session = this.#session): void {
    try {
      this.#filter.problem(session, problem);
    } catch (error) {
      // Nobody is left to be told: it ends as a listener's exception would, but not in the middle of our work.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

const CONNECTION = Symbol('milter connection');

interface Served extends Duplex {
  [CONNECTION]?: FilterConnection;
  setNoDelay?(noDelay: boolean): unknown;
}

/** The listeners are shared by all streams and find their connection on the stream. */
function listen(stream: Served, connection: FilterConnection): void {
  stream[CONNECTION] = connection;
  stream.setNoDelay?.(true);
  stream.on('data', onChunk).on('end', onEnd).on('drain', onDrain).on('error', onError).on('close', onClose);
}

function onChunk(this: Served, chunk: Buffer): void {
  this[CONNECTION]?.received(chunk);
}
function onEnd(this: Served): void {
  this[CONNECTION]?.ended();
}
function onDrain(this: Served): void {
  this[CONNECTION]?.drained();
}
function onError(this: Served, error: Error): void {
  this[CONNECTION]?.failed(error);
}
function onClose(this: Served): void {
  this[CONNECTION]?.gone();
}
