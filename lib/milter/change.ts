/** Owns how a filter's changes of a message become frames, and what an MTA must have offered for them. */

import { toBytes } from './bytes.ts';
import type { Change, ChangeKind } from './filter.ts';
import { ACTION } from './flags.ts';
import { headerName, headerValue } from './header-text.ts';
import type { Modification } from './response.ts';
import { encodeResponse } from './response-frames.ts';

const ACTIONS: Readonly<Record<ChangeKind, number>> = {
  addHeader: ACTION.addHeaders,
  insertHeader: ACTION.addHeaders,
  changeHeader: ACTION.changeHeaders,
  addRecipient: ACTION.addRecipients | ACTION.addRecipientsWithArguments,
  deleteRecipient: ACTION.deleteRecipients,
  replaceBody: ACTION.changeBody,
  changeSender: ACTION.changeSender,
  quarantine: ACTION.quarantine,
};

/** What to ask for at negotiation, so that any change of that kind can be made. */
export function actionsOf(kind: ChangeKind): number {
  return ACTIONS[kind];
}

/** What must have been agreed on for this one. */
export function actionOf(change: Change): number {
  if (change.kind !== 'addRecipient') return ACTIONS[change.kind];
  return change.args === undefined ? ACTION.addRecipients : ACTION.addRecipientsWithArguments;
}

/**
 * The frames of a change; a body is cut into chunks of at most `limit` bytes. Throws RangeError for what would break
 * the message or the protocol: a header name with a colon, an address with a line end, an index below its first.
 */
export function changeFrames(change: Change, limit: number): Buffer[] {
  switch (change.kind) {
    case 'addHeader':
      return one({ ...change, ...field(change.name, change.value) }, limit);
    case 'insertHeader':
      return one(
        { ...change, index: indexFrom(0, change.index), ...field(change.name, change.value) },
        limit,
      );
    case 'changeHeader':
      return one(
        { ...change, index: indexFrom(1, change.index), ...field(change.name, change.value ?? '') },
        limit,
      );
    case 'addRecipient':
      return one({ ...change, recipient: line(change.recipient), args: argsOf(change.args) }, limit);
    case 'deleteRecipient':
      return one({ ...change, recipient: line(change.recipient) }, limit);
    case 'changeSender':
      return one({ ...change, sender: line(change.sender), args: argsOf(change.args) }, limit);
    case 'quarantine':
      return one({ ...change, reason: line(change.reason) }, limit);
    case 'replaceBody':
      return bodyFrames(typeof change.body === 'string' ? Buffer.from(change.body) : change.body, limit);
  }
}

function one(response: Modification, limit: number): Buffer[] {
  const frame = encodeResponse(response);
  if (frame.length - 5 > limit) throw new RangeError(`${response.kind} of ${frame.length - 5} bytes`);
  return [frame];
}

function field(name: string, value: string): { name: string; value: string } {
  return { name: headerName(name), value: headerValue(value) };
}

function indexFrom(least: number, index: number): number {
  if (!Number.isInteger(index) || index < least || index > 0xffffffff)
    throw new RangeError(`header index ${index}`);
  return index;
}

function line(text: string): string {
  if (/[\r\n]/.test(text) || text.includes('\0'))
    throw new RangeError('a line end or NUL inside an address or reason');
  return toBytes(text);
}

function argsOf(args: string | undefined): string | null {
  return args === undefined ? null : line(args);
}

/** An empty body is one empty chunk, as smfi_replacebody sends it. */
function bodyFrames(body: Buffer, limit: number): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  do {
    frames.push(encodeResponse({ kind: 'replaceBody', chunk: body.subarray(at, at + limit) }));
    at += limit;
  } while (at < body.length);
  return frames;
}
