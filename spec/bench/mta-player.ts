/** Owns one session as an MTA plays it, from the connection to QUIT. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeCommand } from '../../lib/milter/command-frames.ts';
import { ALL_ACTIONS, flagsOfVersion, NEWEST_VERSION } from '../../lib/milter/flags.ts';
import { Framer } from '../../lib/milter/framer.ts';
import { decodeResponse } from '../../lib/milter/response.ts';
import type { Response } from '../../lib/milter/response.ts';
import type { Load, Target } from './job.ts';
import type { SessionScript, Turn } from './session-script.ts';

const OFFER = encodeCommand({
  kind: 'negotiate',
  version: NEWEST_VERSION,
  actions: ALL_ACTIONS,
  protocol: flagsOfVersion(NEWEST_VERSION),
});
const GIVE_UP = Buffer.concat([encodeCommand({ kind: 'abort' }), encodeCommand({ kind: 'quit' })]);
const QUIT = encodeCommand({ kind: 'quit' });

/** What comes before the answer to the end of a message. */
const HEADERS: readonly Response['kind'][] = ['insertHeader', 'addHeader'];

export interface Play {
  readonly target: Target;
  readonly expect: Load['expect'];
  /** The session's script under the protocol flags agreed. */
  script(protocol: number): SessionScript;
  /** A RCPT was answered after so many microseconds. */
  rcpt(us: number): void;
  /** Called once. Null: all went as expected. */
  over(failure: string | null): void;
}

/** Begins a session at once. */
export function playSession(play: Play): void {
  MtaPlayer.begin(play);
}

class MtaPlayer {
  readonly #play: Play;
  readonly #socket: Socket;
  readonly #framer = new Framer();
  #script: SessionScript | null = null;
  #turns: readonly Turn[] = [];
  #next = 0;
  #waitingFor: Turn | null = null;
  #sentMs = 0;
  #accepted = 0;
  #over = false;

  static begin(play: Play): MtaPlayer {
    return new MtaPlayer(play);
  }

  private constructor(play: Play) {
    this.#play = play;
    this.#socket = connect({ ...play.target, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('the filter closed the connection'));
    this.#socket.write(OFFER);
  }

  #received(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#framer.push(chunk);
      for (let frame = this.#framer.next(); frame !== null && !this.#over; frame = this.#framer.next())
        this.#take(decodeResponse(frame));
    } catch (error) {
      this.#end(String(error));
    }
  }

  #take(response: Response): void {
    if (this.#script === null) {
      if (response.kind !== 'negotiate') return this.#end(`${response.kind} to the offer`);
      this.#script = this.#play.script(response.protocol);
      this.#turns = this.#script.envelope;
      return this.#say();
    }
    const turn = this.#waitingFor;
    if (turn === null) return this.#end(`${response.kind} that nobody asked for`);
    if (turn.stage === 'rcpt') {
      this.#play.rcpt((performance.now() - this.#sentMs) * 1000);
      const failure = this.#judge(response);
      if (failure !== null) return this.#end(failure);
    } else if (turn.stage === 'endOfMessage' && HEADERS.includes(response.kind)) {
      return;
    } else if (response.kind !== 'continue' && response.kind !== 'accept') {
      return this.#end(`${response.kind} at ${turn.stage}`);
    }
    this.#say();
  }

  /** Why an answer to RCPT is not the one expected; null: it is. */
  #judge(response: Response): string | null {
    const deferred = response.kind === 'reply' && response.text.startsWith('4');
    if (response.kind === 'continue') this.#accepted += 1;
    const expected =
      this.#play.expect === 'deferred'
        ? deferred || response.kind === 'tempfail'
        : response.kind === 'continue';
    return expected ? null : `${response.kind === 'reply' ? response.text : response.kind} at rcpt`;
  }

  #say(): void {
    const turn = this.#turns[this.#next];
    if (turn !== undefined) {
      this.#next += 1;
      this.#waitingFor = turn;
      this.#sentMs = performance.now();
      this.#socket.write(turn.bytes);
    } else if (this.#turns === this.#script!.envelope && this.#accepted > 0) {
      this.#turns = this.#script!.message;
      this.#next = 0;
      this.#say();
    } else {
      this.#socket.end(this.#accepted > 0 ? QUIT : GIVE_UP);
      this.#socket.destroySoon();
      this.#end(null);
    }
  }

  #end(failure: string | null): void {
    if (this.#over) return;
    this.#over = true;
    if (failure !== null) this.#socket.destroy();
    this.#play.over(failure);
  }
}
