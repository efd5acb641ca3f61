/** 64 KB of garbage in every field of every command: it is read as what it is, can be shown, and is answered. */

import { expect } from 'chai';
import fc from 'fast-check';
import { toText } from '../../lib/milter/bytes.ts';
import { decodeCommand } from '../../lib/milter/command.ts';
import type { Command } from '../../lib/milter/command.ts';
import { encodeCommand } from '../../lib/milter/command-frames.ts';
import { createFilter } from '../../lib/milter/filter.ts';
import { findMacro } from '../../lib/milter/macros.ts';
import { ProtocolError } from '../../lib/milter/protocol-error.ts';
import { frames, options, RawMta } from '../milter/wire.ts';
import { Random } from './random.ts';

/** What a frame holds behind its code. */
const LONGEST = 65_535;

/** More at a time are none of an MTA, and refused. */
const MOST_MACROS = 32_768;

interface Case {
  readonly code: string;
  /** How many strings of garbage go into it. */
  readonly strings: number;
  payload(strings: readonly string[]): string;
  /** The strings that were read; macros are one table of all. */
  read(command: Command): readonly (string | null)[];
}

const each = (strings: readonly string[]): string => strings.map((text) => `${text}\0`).join('');

const CASES: Readonly<Record<string, Case>> = {
  connect: {
    code: 'C',
    strings: 2,
    payload: ([host, address]) => `${host}\x004\0\x19${address}\0`,
    read: (command) => (command.kind === 'connect' ? [command.host, command.address] : []),
  },
  helo: {
    code: 'H',
    strings: 1,
    payload: each,
    read: (command) => (command.kind === 'helo' ? [command.name] : []),
  },
  mail: {
    code: 'M',
    strings: 4,
    payload: each,
    read: (command) => (command.kind === 'mail' ? [command.sender, ...command.args] : []),
  },
  rcpt: {
    code: 'R',
    strings: 4,
    payload: each,
    read: (command) => (command.kind === 'rcpt' ? [command.recipient, ...command.args] : []),
  },
  unknown: {
    code: 'U',
    strings: 1,
    payload: each,
    read: (command) => (command.kind === 'unknown' ? [command.line] : []),
  },
  header: {
    code: 'L',
    strings: 2,
    payload: each,
    read: (command) => (command.kind === 'header' ? [command.name, command.value] : []),
  },
  macros: {
    code: 'D',
    strings: 4,
    payload: (strings) => `R${each(strings)}`,
    read: (command) => (command.kind === 'macros' ? command.table.split('\0').slice(0, -1) : []),
  },
};

/** So many strings that fill a frame to its last octet, none of them empty. */
function garbage(random: Random, row: Case, payloadLength = LONGEST): string[] {
  const { strings } = row;
  let left = payloadLength - row.payload(Array<string>(strings).fill('')).length;
  return Array.from({ length: strings }, (_, i) => {
    const length = i === strings - 1 ? left : 1 + random.below(left - strings);
    left -= length;
    return random.octets(length);
  });
}

const CODES = 'ODCHMRTLNBEAQKU'.split('');

describe('64 KB of garbage', () => {
  for (const [name, row] of Object.entries(CASES))
    it(`in ${name} is read string by string, written again as it came, and can be shown`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const random = new Random(seed);
          const strings = garbage(random, row);
          const bytes = Buffer.from(row.code + row.payload(strings), 'latin1');
          expect(bytes).to.have.length(1 + LONGEST);
          const command = decodeCommand(bytes);
          // Not deep.equal: to show what differs of 64 KB takes minutes.
          const read = row.read(command);
          expect(read.length).to.equal(strings.length);
          for (const [i, text] of strings.entries()) expect(read[i] === text, `string ${i}`).to.equal(true);
          expect(encodeCommand(command).subarray(4).equals(bytes)).to.equal(true);
          for (const text of strings) expect(toText(text).length).to.be.within(1, text.length);
          if (command.kind === 'macros') {
            const found = findMacro({ stage: 0, table: command.table, below: null }, strings[0]!);
            expect(found === toText(strings[1]!)).to.equal(true);
          }
        }),
        { numRuns: 30 },
      );
    });

  it('with NULs anywhere behind any code is read or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.nat(), (code, seed) => {
        const bytes = Buffer.concat([Buffer.from(code), new Random(seed).bytes(LONGEST)]);
        try {
          expect(encodeCommand(decodeCommand(bytes)).subarray(4).equals(bytes)).to.equal(true);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
      }),
    );
  });

  it('in every command of a session gets every answer that is due, and is no problem', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = new Random(seed);
        const problems: string[] = [];
        let seen = 0;
        const sees = (_: unknown, event: object): 'continue' => {
          seen += JSON.stringify(event).length;
          return 'continue';
        };
        const mta = new RawMta();
        createFilter<null>({
          open: () => null,
          problem: (_, problem) => problems.push('error' in problem ? String(problem.error) : problem.kind),
          answer: {
            ...{ connect: sees, helo: sees, mail: sees, rcpt: sees, unknown: sees, header: sees, body: sees },
            endOfMessage: (session) => {
              seen += session.macro('i')?.length ?? 0;
              return 'continue';
            },
          },
        }).serve(mta.filterEnd);
        const full = (name: string): readonly [string, string] => {
          const row = CASES[name]!;
          return [row.code, row.payload(garbage(random, row, name === 'macros' ? MOST_MACROS : LONGEST))];
        };
        const said = [
          ...['connect', 'helo', 'mail', 'macros', 'rcpt', 'unknown', 'header', 'header'].map(full),
          ['N', ''],
          ['B', random.bytes(LONGEST).toString('latin1')],
          ['E', ''],
        ] as const;
        mta.stream.write(frames(['O', options(6, 0, 0)], ...said, ['Q']));
        const heard = await mta.closed();
        expect(problems.join()).to.equal('');
        const due = said.filter(([code]) => code !== 'D').map(() => ['c'] as const);
        expect(heard).to.equal(frames(['O', options(6, 0, 0)], ...due).toString('latin1'));
        expect(seen).to.be.greaterThan(8 * LONGEST);
      }),
      { numRuns: 10 },
    ));
});
