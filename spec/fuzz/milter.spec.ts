/** Throws anything at the milter protocol: it may say ProtocolError and nothing else, and owes nobody an answer. */

import { expect } from 'chai';
import fc from 'fast-check';
import { decodeCommand } from '../../lib/milter/command.ts';
import type { Command } from '../../lib/milter/command.ts';
import { encodeCommand } from '../../lib/milter/command-frames.ts';
import { agree, converse, START } from '../../lib/milter/conversation.ts';
import { createFilter } from '../../lib/milter/filter.ts';
import type { Problem } from '../../lib/milter/filter.ts';
import { Framer } from '../../lib/milter/framer.ts';
import { findMacro } from '../../lib/milter/macros.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';
import { decodeResponse } from '../../lib/milter/response.ts';
import { encodeResponse } from '../../lib/milter/response-frames.ts';
import { frame, frames, options, RawMta } from '../milter/wire.ts';

/** Runs it; a ProtocolError is as good as an answer, anything else is a bug. */
function tolerate<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

const COMMANDS = 'ODCHMRTLNBEAQKU'.split('');
const RESPONSES = 'Ocartdys4fphim+2-beqZ'.split('');

const octets = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** Mostly a known code, then octets with many NULs: closer to the real thing than noise. */
const nearCommand = fc
  .tuple(
    fc.constantFrom(...COMMANDS),
    fc.array(fc.oneof(fc.constant(0), fc.constantFrom(52, 54, 76, 85), fc.nat(255)), { maxLength: 60 }),
  )
  .map(([code, bytes]) => Buffer.from([code.charCodeAt(0), ...bytes]));

const nearResponse = fc
  .tuple(fc.constantFrom(...RESPONSES), fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { maxLength: 60 }))
  .map(([code, bytes]) => Buffer.from([code.charCodeAt(0), ...bytes]));

/** Cuts a stream at the given places. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return ends.map((end, i) => stream.subarray(i === 0 ? 0 : ends[i - 1]!, end));
}

describe('The milter protocol under fire', () => {
  it('frames: any octets in any pieces give frames or a ProtocolError', () => {
    fc.assert(
      fc.property(fc.array(octets(2000), { maxLength: 20 }), (chunks) => {
        const framer = new Framer();
        for (const chunk of chunks)
          tolerate(() => {
            framer.push(chunk);
            while (framer.next() !== null);
          });
      }),
    );
  });

  it('frames: whole ones come back however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(octets(300), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (payloads, places) => {
          const framer = new Framer();
          const found: string[] = [];
          const stream = Buffer.concat(payloads.map((payload) => frame('B', payload.toString('latin1'))));
          for (const piece of cut(stream, places)) {
            framer.push(piece);
            for (let next = framer.next(); next !== null; next = framer.next())
              found.push(next.toString('latin1', 1));
          }
          expect(found).to.deep.equal(payloads.map((payload) => payload.toString('latin1')));
        },
      ),
    );
  });

  it('commands: what is read is written again as the same bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          nearCommand,
          octets(300).filter(({ length }) => length > 0),
        ),
        (bytes) => {
          const command = tolerate(() => decodeCommand(bytes));
          if (command !== null) expect(encodeCommand(command).subarray(4).equals(bytes)).to.equal(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('responses: what is read is written again as the same bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          nearResponse,
          octets(300).filter(({ length }) => length > 0),
        ),
        (bytes) => {
          const response = tolerate(() => decodeResponse(bytes));
          // A recipient added with no arguments may be written in the older way.
          if (response !== null && bytes[0] !== '2'.charCodeAt(0))
            expect(encodeResponse(response).subarray(4).equals(bytes)).to.equal(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  const command: fc.Arbitrary<Command> = nearCommand
    .map((bytes) => tolerate(() => decodeCommand(bytes)))
    .filter((decoded): decoded is Command => decoded !== null);

  it('conversations: any commands in any order go on or end with a ProtocolError, and never change the past', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.nat(), (commands, protocol) => {
        let state = agree(START, { version: 6, actions: 0, protocol });
        for (const said of commands) {
          const before = JSON.stringify(state);
          const turn = tolerate(() => converse(state, said));
          expect(JSON.stringify(state)).to.equal(before);
          if (turn === null) return;
          state = turn.next;
          findMacro(state.macros, 'i');
        }
      }),
    );
  });
});

/** A walk through sessions as an MTA may take it, and how many answers it is owed at least. */
const walk = fc
  .array(
    fc.record({
      again: fc.constantFrom('H', 'HH', ''),
      recipients: fc.nat(4),
      headers: fc.nat(3),
      chunks: fc.nat(3),
      lastChunk: fc.boolean(),
      end: fc.constantFrom('E', 'E', 'A', 'AA', 'EA', ''),
      session: fc.constantFrom('', '', 'K'),
    }),
    { maxLength: 6 },
  )
  .map((messages) => {
    let script = 'C';
    for (const { again, recipients, headers, chunks, lastChunk, end, session } of messages)
      script += `${again}M${'R'.repeat(recipients)}T${'L'.repeat(headers)}N${'B'.repeat(chunks)}${lastChunk ? end.replace('E', 'e') : end}${session === 'K' ? 'KC' : ''}U`;
    return script;
  });

const PAYLOAD: Readonly<Record<string, string>> = {
  C: 'h\0U',
  H: 'h\0',
  M: '<>\0',
  R: '<b>\0',
  L: 'a\0b\0',
  U: 'x\0',
  B: 'x',
  e: 'x',
};
const ANSWERS = ['continue', 'accept', 'reject', 'tempfail', 'discard'] as const;

describe('A filter under any session', () => {
  it('gives every answer that is due, once and in order, and closes each session once', () =>
    fc.assert(
      fc.asyncProperty(
        walk,
        fc.infiniteStream(fc.nat(14)),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.boolean(),
        async (script, dice, places, old) => {
          const given: string[] = [];
          let open = 0;
          let closed = 0;
          const problems: Problem[] = [];
          /** At once, in a microtask, or a turn later. */
          const answer = (): never => {
            const roll = dice.next().value!;
            const word = ANSWERS[roll % 5]!;
            given.push(word[0] === 'c' ? 'c' : word[0]!);
            if (roll < 5) return word as never;
            if (roll < 10) return Promise.resolve(word) as never;
            return new Promise((resolve) => setImmediate(resolve, word)) as never;
          };
          const mta = new RawMta();
          const connection = createFilter<null>({
            open: () => (open++, null),
            close: () => void closed++,
            problem: (_, problem) => problems.push(problem),
            watch: { connect: () => undefined, header: () => undefined },
            answer: {
              helo: answer,
              mail: answer,
              rcpt: answer,
              data: answer,
              endOfHeaders: answer,
              endOfMessage: answer,
            },
          }).serve(mta.filterEnd);
          const stream = frames(
            ['O', old ? options(2, 0x3f, 0x7f) : options(6, 0x1ff, 0x1fffff)],
            ...script.split('').map((code) => [code.toUpperCase(), PAYLOAD[code] ?? ''] as const),
            ['Q'],
          );
          for (const piece of cut(stream, places)) {
            mta.stream.write(piece);
            await new Promise(setImmediate);
          }
          const heard = await mta.closed();
          await connection.closed;
          expect(problems).to.deep.equal([]);
          // What is only watched is answered by the library where the MTA can't be asked not to wait.
          const own = new Set(old ? 'CLBU' : 'BU');
          const silent = new Set(old ? 'AKQ' : 'AKQCL');
          let asked = 0;
          let wanted = '';
          for (const code of script.toUpperCase()) {
            if (silent.has(code)) continue;
            wanted += frame(own.has(code) ? 'c' : given[asked++]!).toString('latin1');
          }
          expect(heard.slice(frame('O', options(6, 0, 0)).length)).to.equal(wanted);
          expect(asked).to.equal(given.length);
          expect(closed).to.equal(open);
        },
      ),
      { numRuns: 100 },
    ));

  it('survives any octets after a good beginning, and closes each session once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            nearCommand.map((bytes) => frame('', bytes.toString('latin1'))),
            octets(50),
          ),
          { maxLength: 10 },
        ),
        async (pieces) => {
          let open = 0;
          let closed = 0;
          const problems: Problem[] = [];
          const mta = new RawMta();
          const connection = createFilter<null>({
            open: () => (open++, null),
            close: () => void closed++,
            problem: (_, problem) => problems.push(problem),
            answer: { mail: async () => 'continue' as const, body: () => 'skip', header: () => 'continue' },
          }).serve(mta.filterEnd);
          mta.say(['O', options(6, 0x1ff, 0x1fffff)], ['C', 'h\0U'], ['M', '<>\0']);
          for (const piece of pieces) mta.stream.write(piece);
          mta.stream.end();
          await connection.closed;
          expect(closed).to.equal(open);
          expect(problems.filter(({ kind }) => kind !== 'protocol-error')).to.deep.equal([]);
          expect(problems.length).to.be.at.most(1);
        },
      ),
      { numRuns: 200 },
    ));
});
