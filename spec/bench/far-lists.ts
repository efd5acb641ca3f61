/**
 * The name server of the part `lists`, as a program: `far-lists.ts PORT DELAY`. Every name ending in `.lists.example`
 * below its first label is a DNS list that has its test point (RFC 5782) and nobody else; it is answered after so many
 * milliseconds, whatever else is asked at once. Prints `ready PORT`.
 */

import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';

/** RFC 1035 §4.1.1: response, authoritative, recursion desired and available. */
const ANSWER = 0x8580;
const NXDOMAIN = 3;
const HEADER = 12;

/** `2.0.0.127` as labels, lower case as asked. */
const TEST_POINT = Buffer.from('\x012\x010\x010\x03127', 'latin1');
const LISTS = '\x05lists\x07example\x00';

/** A pointer to the question's name; A, IN, an hour, four bytes: 127.0.0.2. */
const LISTED = bytes('c00c 0001 0001 00000e10 0004 7f000002');
/** RFC 2308 §3: the root's SOA, IN, an hour, 22 bytes: two names, then serial, refresh, retry, expiry, minimum. */
const AUTHORITY = bytes('00 0006 0001 00000e10 0016 00 00 00000001 00000384 00000258 00015180 00000e10');

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

const [port, delayMs] = process.argv.slice(2).map(Number);
const socket = createSocket('udp4');

interface Due {
  readonly atMs: number;
  readonly answer: Buffer;
  readonly to: RemoteInfo;
}

/** One delay for all: the first that came is the first that is due. */
const due: Due[] = [];
let next = 0;

socket.on('message', (query, from) => {
  const end = endOfQuestion(query);
  if (end === null) return;
  const question = query.subarray(HEADER, end);
  const isList = question.toString('latin1').toLowerCase().includes(LISTS);
  const answer = answerTo(query, question, isList);
  if (!isList || delayMs === 0) socket.send(answer, from.port, from.address);
  else {
    due.push({ atMs: performance.now() + delayMs!, answer, to: from });
    if (due.length === next + 1) setTimeout(sendDue, delayMs);
  }
});

function sendDue(): void {
  const nowMs = performance.now();
  for (let first = due[next]; first !== undefined && first.atMs <= nowMs; first = due[next]) {
    socket.send(first.answer, first.to.port, first.to.address);
    next += 1;
  }
  if (next > 10_000) {
    due.splice(0, next);
    next = 0;
  }
  const waiting = due[next];
  if (waiting !== undefined) setTimeout(sendDue, Math.max(0, waiting.atMs - performance.now()));
}

function answerTo(query: Buffer, question: Buffer, isList: boolean): Buffer {
  const wantsAddress = question.readUInt16BE(question.length - 4) === 1;
  const isListed = isList && question.subarray(0, TEST_POINT.length).equals(TEST_POINT);
  const records = isListed && wantsAddress ? [LISTED] : [];
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(ANSWER | (isListed ? 0 : NXDOMAIN), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length > 0 ? 1 : 0, 6);
  header.writeUInt16BE(records.length > 0 ? 0 : 1, 8);
  return Buffer.concat([header, question, ...(records.length > 0 ? records : [AUTHORITY])]);
}

/** Null: no query with a question. */
function endOfQuestion(query: Buffer): number | null {
  if (query.length < HEADER + 5 || query.readUInt16BE(4) !== 1) return null;
  let at = HEADER;
  while (at < query.length && query[at] !== 0) at += query[at]! + 1;
  return at + 5 <= query.length ? at + 5 : null;
}

socket.bind(port, '127.0.0.1', () => {
  // As many as come at once when every session is new.
  socket.setRecvBufferSize(8 << 20);
  process.stdout.write(`ready ${socket.address().port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
