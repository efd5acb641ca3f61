/** Owns Conversation: one connection to the control socket, which is one question and one answer. */

import type { Socket } from 'node:net';
import type { Sink } from '../observe/event.ts';
import { isFields, isText, parsed } from './field.ts';
import { LONGEST_REQUEST, NoAnswer, type Answers, type Question } from './questions.ts';

export interface Deadlines {
  /** Who connects has his question ready. */
  readonly questionMs: number;
  /** A reload that reads large tables takes seconds, an order to a greylist of millions minutes. */
  readonly answerMs: number;
  /** Who asked reads what he is told. */
  readonly readingMs: number;
}

export const DEADLINES: Deadlines = { questionMs: 5000, answerMs: 600_000, readingMs: 5000 };

const NEWLINE = 0x0a;

type Reply = { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly why: string };

export class Conversation {
  readonly #socket: Socket;
  readonly #answers: Answers;
  readonly #sink: Sink;
  readonly #deadlines: Deadlines;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #asked = false;
  #timer: NodeJS.Timeout;

  constructor(socket: Socket, answers: Answers, sink: Sink, deadlines: Deadlines) {
    this.#socket = socket;
    this.#answers = answers;
    this.#sink = sink;
    this.#deadlines = deadlines;
    this.#timer = setTimeout(() => this.cut(), deadlines.questionMs);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('end', () => {
      if (!this.#asked) this.cut();
    });
    // Who asks may go away at any moment; `close` follows.
    socket.on('error', () => {});
    socket.once('close', () => clearTimeout(this.#timer));
  }

  cut(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    if (this.#asked) return;
    const end = chunk.indexOf(NEWLINE);
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    this.#bytes += part.length;
    if (this.#bytes > LONGEST_REQUEST) {
      this.#asked = true;
      this.#say({ ok: false, why: `a question has at most ${LONGEST_REQUEST} bytes` });
      return;
    }
    this.#chunks.push(part);
    if (end < 0) return;
    this.#asked = true;
    void this.#answer(Buffer.concat(this.#chunks).toString());
  }

  async #answer(line: string): Promise<void> {
    const request = parsed(line);
    const ask = isFields(request) ? request['ask'] : undefined;
    if (!isFields(request) || !isText(ask)) {
      this.#say({ ok: false, why: 'this is no question; ask as in {"ask":"status"}' });
      return;
    }
    if (!isQuestion(ask, this.#answers)) {
      const known = Object.keys(this.#answers).join(', ');
      this.#say({ ok: false, why: `no such question; this version knows ${known}` });
      return;
    }
    this.#wait(this.#deadlines.answerMs, () => this.#say({ ok: false, why: 'there was no answer in time' }));
    try {
      this.#say({ ok: true, answer: await this.#answers[ask](request) });
    } catch (error) {
      if (error instanceof NoAnswer) {
        this.#say({ ok: false, why: error.message });
        return;
      }
      this.#sink({ kind: 'bug', where: `the answer to postern's ${ask}`, error });
      this.#say({ ok: false, why: 'that went wrong; the log of the service has more' });
    }
  }

  /** Only the first time: what comes after a deadline is late. */
  #say(reply: Reply): void {
    if (this.#socket.writableEnded || this.#socket.destroyed) return;
    this.#wait(this.#deadlines.readingMs, () => this.cut());
    this.#socket.end(`${JSON.stringify(reply)}\n`, () => this.cut());
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#socket.destroyed) this.#timer = setTimeout(then, ms);
  }
}

function isQuestion(ask: string, answers: Answers): ask is Question {
  return Object.hasOwn(answers, ask);
}
