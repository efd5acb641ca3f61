/** Owns how commands become frames: the MTA's side, for specs, load generators and tools. */

import type { Command, Connect, Family } from './command.ts';
import { emptyFrame, encodeFrame } from './framer.ts';
import { OPTIONS, spanOf, STRINGS } from './layouts.ts';

/** The codes of all commands (SMFIC_*). */
export const COMMAND_CODE = {
  negotiate: 'O',
  macros: 'D',
  connect: 'C',
  helo: 'H',
  mail: 'M',
  rcpt: 'R',
  data: 'T',
  header: 'L',
  endOfHeaders: 'N',
  body: 'B',
  endOfMessage: 'E',
  abort: 'A',
  quit: 'Q',
  quitNewConnection: 'K',
  unknown: 'U',
} as const satisfies Readonly<Record<Command['kind'], string>>;

const FAMILY_CODE = { ipv4: '4', ipv6: '6', unix: 'L', unknown: 'U' } as const satisfies Record<
  Family,
  string
>;

/** The frame of a command, length included. Throws RangeError if a string holds a NUL. */
export function encodeCommand(command: Command): Buffer {
  const code = COMMAND_CODE[command.kind];
  switch (command.kind) {
    case 'negotiate':
      return encodeFrame(code, OPTIONS, command, OPTIONS.span);
    case 'macros':
      return bytesFrame(code, Buffer.from(command.code + command.table, 'latin1'));
    case 'connect':
      return connectFrame(command);
    case 'helo':
      return stringsFrame(code, [command.name]);
    case 'mail':
      return stringsFrame(code, [command.sender, ...command.args]);
    case 'rcpt':
      return stringsFrame(code, [command.recipient, ...command.args]);
    case 'header':
      return stringsFrame(code, [command.name, command.value]);
    case 'unknown':
      return stringsFrame(code, [command.line]);
    case 'body':
    case 'endOfMessage':
      return bytesFrame(code, command.chunk);
    case 'data':
    case 'endOfHeaders':
    case 'abort':
    case 'quit':
    case 'quitNewConnection':
      return emptyFrame(code);
  }
}

/** `{ j: 'mx.example.org' }` for `C` → the command that tells it. Names and values are byte strings. */
export function macrosFor(code: string, macros: Readonly<Record<string, string>>): Command {
  const strings = Object.entries(macros).flat();
  spanOf(strings);
  return { kind: 'macros', code, table: strings.map((string) => `${string}\0`).join('') };
}

export function stringsFrame(code: string, strings: readonly string[]): Buffer {
  return encodeFrame(code, STRINGS, strings, spanOf(strings));
}

export function bytesFrame(code: string, payload: Buffer): Buffer {
  const frame = emptyFrame(code, payload.length);
  payload.copy(frame, frame.length - payload.length);
  return frame;
}

function connectFrame({ host, family, address, port }: Connect): Buffer {
  const hostBytes = host.length + 1;
  const strings = family === 'unknown' ? [] : [address ?? ''];
  const size = hostBytes + 1 + (family === 'unknown' ? 0 : 2) + spanOf([host, ...strings]) - hostBytes;
  const frame = emptyFrame('C', size);
  let at = frame.length - size;
  at += STRINGS.encode([host], frame, at);
  at += frame.write(FAMILY_CODE[family], at, 'latin1');
  if (family === 'unknown') return frame;
  at = frame.writeUInt16BE(port ?? 0, at);
  STRINGS.encode(strings, frame, at);
  return frame;
}
