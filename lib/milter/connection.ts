/** Owns one connection from an MTA: bytes in, answers out, deadlines, and its end. */

import type { Duplex } from 'node:stream';
import { decodeCommand } from './command.ts';
import type { Compiled } from './compiled.ts';
import { Dialogue } from './dialogue.ts';
import type { Line } from './line.ts';
import type { Connection, Problem } from './filter.ts';
import { frameLimit } from './flags.ts';
import { Framer } from './framer.ts';
import { ProtocolError } from './protocol-error.ts';
import { verdictFrame } from './response-frames.ts';
import { listen } from './stream.ts';
import type { Listener } from './stream.ts';
import type { Sweep, Swept } from './sweep.ts';

const MOST_AT_ONCE = 100;

/** Thousands of these idle at once: no closures, no timers and no clock per connection. */
export class FilterConnection<Context> implements Connection, Line, Listener, Swept {
  readonly #filter: Compiled<Context>;
  readonly #sweep: Sweep;
  readonly #stream: Duplex;
  readonly #framer = new Framer();
  readonly #dialogue: Dialogue<Context>;

  /** Answers that leave together at the end of the turn. */
  #out: Buffer[] | Buffer | null = null;
  #running = false;
  /** To be closed when the message under way is through, or as soon as no answer is owed. */
  #ending: 'after-message' | 'now' | null = null;
  /** Nothing is read or answered any more. */
  #over = false;
  #paused = false;
  /** The MTA does not read what we write. */
  #blocked = false;
  /** It is the others' turn. */
  #yielding = false;

  /** Ticks of the sweep; -1: not so at present. */
  #heardAt: number;
  #askedAt = -1;
  #progressAt = -1;
  #frameAt = -1;
  #unreadAt = -1;

  #closed: Promise<void> | null = null;
  #resolveClosed: (() => void) | null = null;
  #isClosed = false;

  constructor(filter: Compiled<Context>, sweep: Sweep, stream: Duplex) {
    this.#filter = filter;
    this.#sweep = sweep;
    this.#stream = stream;
    this.#dialogue = new Dialogue(filter, this);
    this.#heardAt = sweep.ticks;
    sweep.add(this);
    listen(stream, this);
  }

  get inTransaction(): boolean {
    return this.#dialogue.inTransaction;
  }

  get waiting(): boolean {
    return this.#dialogue.waiting;
  }

  get unused(): boolean {
    return !this.#dialogue.begun && this.#sweep.over(this.#heardAt, this.#filter.deadlines.frameMs);
  }

  /** Made when it is first asked for. */
  get closed(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#isClosed) resolve();
      else this.#resolveClosed = resolve;
    });
    return this.#closed;
  }

  end(): void {
    this.#ending ??= 'after-message';
    if (!this.#running) this.#run();
  }

  destroy(): void {
    this.#over = true;
    this.#stream.destroy();
    this.#dialogue.end();
  }

  received(chunk: Buffer): void {
    if (this.#over) return;
    this.#heardAt = this.#sweep.ticks;
    this.#framer.push(chunk);
    if (this.waiting || this.#blocked || this.#yielding) {
      // Kept, but no more of it: what the MTA sends ahead of our answer waits in its own socket.
      this.#paused = true;
      this.#stream.pause();
    } else {
      this.#run();
    }
  }

  drained(): void {
    this.#blocked = false;
    this.#run();
  }

  /** The MTA will send no more. */
  ended(): void {
    if (this.#over) return;
    if (this.#framer.halfReceived)
      this.fail({ kind: 'protocol-error', error: new ProtocolError('connection closed inside a frame') });
    else if (this.#stream.writable && (this.waiting || this.#blocked || this.#yielding)) this.#ending = 'now';
    else this.finish();
  }

  failed(error: Error): void {
    if (!this.#over) this.fail({ kind: 'stream-error', error });
  }

  gone(): void {
    this.#over = true;
    this.#dialogue.end();
    this.#sweep.delete(this);
    this.#isClosed = true;
    this.#resolveClosed?.();
  }

  sweep(): void {
    const { answerMs, endOfMessageMs, progressMs, idleMs, frameMs, writeMs } = this.#filter.deadlines;
    const sweep = this.#sweep;
    if (this.#stream.writableLength === 0) this.#unreadAt = -1;
    else if (this.#unreadAt < 0) this.#unreadAt = sweep.ticks;
    if (this.#over) {
      // The last answers are still to be read.
      if (sweep.over(this.#heardAt, writeMs)) this.#stream.destroy();
    } else if (this.#unreadAt >= 0 && sweep.over(this.#unreadAt, writeMs)) {
      this.fail({ kind: 'timeout', what: 'write' });
    } else if (this.waiting) {
      const atEnd = this.#dialogue.atEndOfMessage;
      if (sweep.due(this.#askedAt, atEnd ? endOfMessageMs : answerMs)) this.#dialogue.late();
      else if (atEnd && sweep.due(this.#progressAt, progressMs)) this.#progress();
    } else if (this.#frameAt >= 0 && sweep.over(this.#frameAt, frameMs)) {
      this.fail({ kind: 'timeout', what: 'frame' });
    } else if (sweep.over(this.#heardAt, idleMs)) {
      this.fail({ kind: 'timeout', what: 'idle' });
    }
  }

  send(frame: Buffer): void {
    if (this.#out === null) this.#out = frame;
    else if (Array.isArray(this.#out)) this.#out.push(frame);
    else this.#out = [this.#out, frame];
  }

  agreed(protocol: number): void {
    this.#framer.limit = frameLimit(protocol);
  }

  asking(): void {
    this.#askedAt = this.#sweep.ticks;
    this.#progressAt = this.#sweep.ticks;
  }

  answered(): void {
    this.#heardAt = this.#sweep.ticks;
    this.#run();
  }

  /**
   * Closes in good order. What the kernel has taken, the MTA can read even then; what it has not goes first. Not left
   * to the MTA: Postfix would notice our end of the stream only at its next command, which may be minutes away.
   */
  finish(): void {
    this.#flush();
    this.#over = true;
    this.#heardAt = this.#sweep.ticks;
    this.#dialogue.end();
    if (this.#stream.writableLength === 0) this.#stream.destroy();
    else this.#stream.end(() => this.#stream.destroy());
  }

  fail(problem: Problem): void {
    this.#flush();
    this.#over = true;
    this.#stream.destroy();
    this.#dialogue.tell(problem);
    this.#dialogue.end();
  }

  /** Takes commands until one has to wait for its answer or no whole one is left; then writes the answers, once. */
  #run(): void {
    if (this.#running || this.#yielding) return;
    let took = 0;
    this.#running = true;
    try {
      while (!this.#over && !this.#blocked && !this.waiting && !this.#mayEnd && took < MOST_AT_ONCE) {
        const frame = this.#framer.next();
        if (frame === null) break;
        took++;
        if (!this.#dialogue.passes(frame)) this.#dialogue.take(decodeCommand(frame));
      }
    } catch (error) {
      this.fail(error instanceof ProtocolError ? { kind: 'protocol-error', error } : { kind: 'bug', error });
    } finally {
      this.#running = false;
    }
    this.#flush();
    if (this.#over) return;
    if (!this.#framer.halfReceived) this.#frameAt = -1;
    else if (took > 0 || this.#frameAt < 0) this.#frameAt = this.#sweep.ticks;
    if (this.waiting || this.#blocked) return;
    if (took === MOST_AT_ONCE) {
      this.#yield();
      return;
    }
    if (this.#mayEnd || this.#ending === 'now') this.finish();
    else if (this.#paused) {
      this.#paused = false;
      this.#stream.resume();
    }
  }

  /** No MTA sends so much without waiting for us; whoever does waits while the others have their turn. */
  #yield(): void {
    this.#yielding = true;
    this.#paused = true;
    this.#stream.pause();
    setImmediate(() => {
      this.#yielding = false;
      if (!this.#over) this.#run();
    });
  }

  get #mayEnd(): boolean {
    return this.#ending === 'after-message' && !this.inTransaction;
  }

  #progress(): void {
    this.#progressAt = this.#sweep.ticks;
    this.send(verdictFrame('progress'));
    this.#flush();
  }

  /** One write for all: small writes after each other would meet Nagle's algorithm and a delayed ACK. */
  #flush(): void {
    const out = this.#out;
    if (out === null) return;
    this.#out = null;
    if (!this.#stream.writable) return;
    if (!this.#stream.write(Array.isArray(out) ? Buffer.concat(out) : out)) this.#blocked = true;
  }
}
