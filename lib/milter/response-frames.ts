/** Owns how responses become frames. */

import { bytesFrame, stringsFrame } from './command-frames.ts';
import { emptyFrame, encodeFrame } from './framer.ts';
import { INDEXED, OPTIONS, spanOf } from './layouts.ts';
import type { MacroList, Response, Terms, Verdict } from './response.ts';

/** One frame for all: verdicts are never written to. */
const VERDICT_FRAME: Readonly<Record<Verdict | 'progress', Buffer>> = {
  continue: emptyFrame('c'),
  accept: emptyFrame('a'),
  reject: emptyFrame('r'),
  tempfail: emptyFrame('t'),
  discard: emptyFrame('d'),
  skip: emptyFrame('s'),
  shutdown: emptyFrame('4'),
  'connection-failure': emptyFrame('f'),
  progress: emptyFrame('p'),
};

/** The frame of a response, length included. Throws RangeError if a string holds a NUL. */
export function encodeResponse(response: Response): Buffer {
  switch (response.kind) {
    case 'negotiate':
      return termsFrame(response);
    case 'reply':
      return stringsFrame('y', [response.text]);
    case 'addHeader':
      return stringsFrame('h', [response.name, response.value]);
    case 'insertHeader':
      return indexedFrame('i', response.index, [response.name, response.value]);
    case 'changeHeader':
      return indexedFrame('m', response.index, [response.name, response.value]);
    case 'addRecipient':
      return response.args === null
        ? stringsFrame('+', [response.recipient])
        : stringsFrame('2', [response.recipient, response.args]);
    case 'deleteRecipient':
      return stringsFrame('-', [response.recipient]);
    case 'replaceBody':
      return bytesFrame('b', response.chunk);
    case 'changeSender':
      return stringsFrame('e', response.args === null ? [response.sender] : [response.sender, response.args]);
    case 'quarantine':
      return stringsFrame('q', [response.reason]);
    default:
      return VERDICT_FRAME[response.kind];
  }
}

export function isVerdict(word: string): word is Verdict {
  return Object.hasOwn(VERDICT_FRAME, word) && word !== 'progress';
}

export function verdictFrame(verdict: Verdict | 'progress'): Buffer {
  return VERDICT_FRAME[verdict];
}

/** By hand, in a fifth of the time that the layout takes: nearly every message gets one of these. */
function indexedFrame(code: string, index: number, strings: readonly string[]): Buffer {
  const size = 4 + spanOf(strings);
  const frame = emptyFrame(code, size);
  let at = frame.length - size;
  at = frame.writeUInt32BE(index, at);
  // Each leaves its NUL as it is.
  for (const string of strings) at += frame.write(string, at, 'latin1') + 1;
  return frame;
}

function termsFrame(terms: Terms): Buffer {
  const size = terms.macros.reduce((sum, list) => sum + listSpan(list), OPTIONS.span);
  const frame = encodeFrame('O', OPTIONS, terms, size);
  let at = frame.length - size + OPTIONS.span;
  for (const { stage, names } of terms.macros)
    at += INDEXED.encode({ index: stage, strings: [names] }, frame, at);
  return frame;
}

function listSpan({ names }: MacroList): number {
  return 4 + spanOf([names]);
}
