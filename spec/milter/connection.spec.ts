import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { createFilter } from '../../lib/milter/filter.ts';
import type { Connection, FilterOptions, Problem, Session } from '../../lib/milter/filter.ts';
import { handTimers } from '../support/hand-timers.ts';
import { frames, options, RawMta } from './wire.ts';

const OFFER = ['O', options(6, 0x1ff, 0x1fffff)] as const;
const TERMS = ['O', options(6, 0, 0x4173)] as const;
const MAIL = ['M', '<>\0'] as const;
const RCPT = ['R', '<b@example.org>\0'] as const;
const END = ['E'] as const;

interface Scene {
  readonly mta: RawMta;
  readonly connection: Connection;
  readonly told: string[];
  readonly sessions: Session<null>[];
}

/** Watches MAIL and answers RCPT; `told` is what became of it. */
function scene(given: Partial<FilterOptions<null>> = {}): Scene {
  const mta = new RawMta();
  const told: string[] = [];
  const sessions: Session<null>[] = [];
  const filter = createFilter<null>({
    open: () => null,
    watch: { mail: (session) => void sessions.push(session) },
    answer: { rcpt: () => 'continue' },
    abort: () => told.push('abort'),
    close: () => told.push('close'),
    problem: (_, problem) => told.push(text(problem)),
    ...given,
  });
  return { mta, connection: filter.serve(mta.filterEnd), told, sessions };
}

function text(problem: Problem): string {
  switch (problem.kind) {
    case 'protocol-error':
      return problem.error.message;
    case 'timeout':
      return `timeout: ${problem.what}`;
    default:
      return problem.kind;
  }
}

const never = (): Promise<'continue'> => new Promise(() => undefined);

describe('A connection', () => {
  const timers = handTimers();

  it('closes at QUIT, and tells once', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL, RCPT, END, ['Q']);
    await mta.hear(TERMS, ['c'], ['c']);
    await mta.closed();
    await connection.closed;
    expect(told).to.deep.equal(['close']);
  });

  it('closes when the MTA does, and drops the message under way', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL, RCPT);
    await mta.hear(TERMS, ['c']);
    mta.stream.end();
    await connection.closed;
    expect(told).to.deep.equal(['abort', 'close']);
  });

  it('tells nothing of a session that never began', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER);
    mta.stream.end();
    await connection.closed;
    expect(told).to.deep.equal([]);
  });

  it('has a session for each that the MTA announces', async () => {
    const { mta, connection, told, sessions } = scene();
    mta.say(OFFER, MAIL, ['K'], MAIL, END, ['K'], ['Q']);
    await connection.closed;
    expect(told).to.deep.equal(['abort', 'close', 'close']);
    expect(new Set(sessions.map(({ id }) => id)).size).to.equal(2);
    expect(sessions.map(({ signal }) => signal.aborted)).to.deep.equal([true, true]);
  });

  const broken: readonly (readonly [message: string, frames: readonly (readonly [string, string?])[]])[] = [
    ['empty frame', []],
    ['unknown command 0x5a', [['Z']]],
    ['truncated rcpt', [['R', 'x']]],
    ['rcpt outside a message', [RCPT]],
    ['second negotiation', [OFFER]],
  ];
  for (const [message, list] of broken)
    it(`closes at once: ${message}`, async () => {
      const { mta, told } = scene({ watch: { mail: () => undefined, connect: () => undefined }, answer: {} });
      mta.say(OFFER, ['C', 'h\0U']);
      await mta.hear(['O', options(6, 0, 0x517a)]);
      if (list.length === 0) mta.stream.write(Buffer.alloc(4));
      mta.say(...list);
      expect(await mta.closed()).to.equal('');
      expect(told).to.deep.equal([message, 'close']);
    });

  it('answers what was in order before it closes', async () => {
    const { mta, told } = scene();
    mta.say(OFFER, MAIL, RCPT, ['Z']);
    expect(await mta.closed()).to.equal(frames(TERMS, ['c']).toString('latin1'));
    expect(told).to.deep.equal(['unknown command 0x5a', 'abort', 'close']);
  });

  it('closes at an MTA that is too old', async () => {
    const { mta, told } = scene();
    mta.say(['O', options(1, 0xf, 0x3f)]);
    await mta.closed();
    expect(told).to.deep.equal(['protocol version 1 is too old']);
  });

  it('tells if the MTA left inside a frame', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL);
    mta.stream.end(Buffer.from([0, 0, 0]));
    await connection.closed;
    expect(told).to.deep.equal(['connection closed inside a frame', 'abort', 'close']);
  });

  it('answers an MTA that has ended its side', async () => {
    const { mta, told } = scene({ answer: { rcpt: async () => 'reject' as const } });
    mta.stream.end(frames(OFFER, MAIL, RCPT));
    expect(await mta.closed()).to.equal(frames(TERMS, ['r']).toString('latin1'));
    expect(told).to.deep.equal(['abort', 'close']);
  });

  it('aborts the signal of a handler whose MTA is gone', async () => {
    const { mta, connection, sessions } = scene({ answer: { rcpt: never } });
    mta.say(OFFER, MAIL, RCPT);
    await mta.hear(TERMS);
    const { signal } = sessions[0]!;
    expect(signal.aborted).to.equal(false);
    mta.stream.destroy();
    mta.filterEnd.destroy();
    await connection.closed;
    expect(signal.aborted).to.equal(true);
    expect(sessions[0]!.macro('i')).to.equal(null);
  });

  it('tells of a stream that failed', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL);
    await mta.hear(TERMS);
    mta.filterEnd.destroy(new Error('ECONNRESET'));
    await connection.closed;
    expect(told).to.deep.equal(['stream-error', 'abort', 'close']);
  });

  for (const [what, bytes] of [
    ['idle', ''],
    ['frame', '\0\0\0\x05H'],
  ] as const)
    it(`gives up an MTA that is silent: ${what}`, async () => {
      const { mta, told } = scene({ idleMs: what === 'idle' ? 50 : 60_000, frameMs: 50 });
      mta.say(OFFER);
      mta.stream.write(Buffer.from(bytes, 'latin1'));
      await mta.closed();
      expect(told).to.deep.equal([`timeout: ${what}`]);
    });

  it('keeps a connection over which no session has begun, and says that it is unused', async () => {
    const { mta, connection, told } = scene({ frameMs: 50 });
    expect(connection.unused).to.equal(false);
    await setTimeout(200);
    expect(connection.unused).to.equal(true);
    mta.say(OFFER);
    await mta.hear(TERMS);
    await setTimeout(200);
    expect(connection.unused).to.equal(true);
    mta.say(MAIL);
    await setTimeout(200);
    expect(connection.unused).to.equal(false);
    expect(told).to.deep.equal([]);
  });

  it('lets others have their turn while an MTA sends more and more', async () => {
    let asked = 0;
    const { mta } = scene({
      answer: {
        rcpt() {
          asked += 1;
          return 'continue';
        },
      },
    });
    mta.say(OFFER, MAIL);
    await mta.hear(TERMS);
    mta.stream.write(frames(...Array.from({ length: 1000 }, () => RCPT)));
    const seen: number[] = [];
    do {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(asked);
    } while (seen.at(-1) !== 1000);
    const steps = seen.map((count, i) => count - (seen[i - 1] ?? 0));
    expect(Math.max(...steps)).to.be.at.most(200);
  });

  it('closes on macros without end', async () => {
    const { mta, told } = scene();
    mta.say(OFFER, ['D', `M{x}\0${'x'.repeat(33_000)}\0`]);
    await mta.closed();
    expect(told).to.deep.equal(['more than 32768 bytes of macros']);
  });

  it('is not idle while it is the MTA that waits', async () => {
    const { mta, told } = scene({ idleMs: 20, answerWithinMs: 200, answer: { rcpt: never } });
    mta.say(OFFER, MAIL, RCPT, END);
    await mta.hear(TERMS, ['c'], ['c']);
    expect(told[0]).to.equal('late');
  });

  it('keeps an MTA patient at the end of a message, and nowhere else', async () => {
    timers.takeOver();
    const { mta, connection, told } = scene({
      progressMs: 1000,
      answer: { rcpt: never, endOfMessage: never },
    });
    mta.say(OFFER, MAIL, RCPT);
    await mta.hear(TERMS);
    timers.clock.advance(8000);
    await mta.hear(['c']);
    expect(told).to.deep.equal(['late']);
    mta.say(END);
    while (!connection.waiting) await new Promise(setImmediate);
    timers.clock.advance(2500);
    await mta.hear(['p'], ['p']);
  });

  it('stops reading from an MTA that does not read, and gives it up', async () => {
    const { mta, connection, told } = scene({ writeMs: 50 });
    mta.stream.pause();
    mta.say(OFFER, MAIL);
    for (let i = 0; i < 80; i++) mta.stream.write(frames(...Array.from({ length: 500 }, () => RCPT)));
    await connection.closed;
    expect(told).to.deep.equal(['timeout: write', 'abort', 'close']);
    expect(mta.stream.writableLength).to.be.greaterThan(0);
  });
});

describe('A connection that shall end', () => {
  it('ends at once outside a message', async () => {
    const { mta, connection } = scene();
    mta.say(OFFER);
    await mta.hear(TERMS);
    connection.end();
    mta.stream.end();
    await connection.closed;
  });

  it('lets the message under way finish', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL);
    await mta.hear(TERMS);
    expect(connection.inTransaction).to.equal(true);
    connection.end();
    mta.say(RCPT, END, MAIL, RCPT);
    expect(await mta.closed()).to.equal(frames(['c'], ['c']).toString('latin1'));
    expect(told).to.deep.equal(['close']);
    mta.stream.end();
    await connection.closed;
    expect(connection.inTransaction).to.equal(false);
  });

  it('waits for the answer to the end of the message', async () => {
    const waits: (() => void)[] = [];
    const { mta, connection } = scene({
      answer: { endOfMessage: () => new Promise((resolve) => waits.push(() => resolve('accept'))) },
    });
    mta.say(OFFER, MAIL, END);
    await mta.hear(['O', options(6, 0, 0x417b)]);
    connection.end();
    expect(connection.inTransaction).to.equal(true);
    waits[0]!();
    expect(await mta.closed()).to.equal('\0\0\0\x01a');
  });

  it('is destroyed in the middle of a message', async () => {
    const { mta, connection, told } = scene();
    mta.say(OFFER, MAIL);
    await mta.hear(TERMS);
    connection.destroy();
    await connection.closed;
    expect(told).to.deep.equal(['abort', 'close']);
  });
});

describe('A filter on sockets', () => {
  it('serves many connections at once, and each gets its own answers', async () => {
    const filter = createFilter({
      open: () => ({ sender: '' }),
      watch: { mail: ({ context }, { sender }) => void (context.sender = sender) },
      answer: { rcpt: async ({ context }) => ({ code: 451, status: '4.7.1', text: context.sender }) },
    });
    const server = createServer((socket) => void filter.serve(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address!.port : 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(frames(OFFER, ['M', `<${i}>\0`], RCPT, ['Q']));
        let heard = '';
        for await (const chunk of socket) heard += String(chunk);
        expect(heard.endsWith(`451 4.7.1 <${i}>\0`)).to.equal(true);
      }),
    );
    server.close();
  });
});
