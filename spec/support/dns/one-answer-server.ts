/** Owns a name server that gives everybody the same address for whatever he asks, as a list does that is given up. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface OneAnswerServer {
  /** For a resolver's `servers`. */
  readonly address: string;
  close(): void;
}

/** RFC 1035 §4.1.1: QR, RD and RA, no error; one question, one answer. */
const FLAGS_AND_COUNTS = Buffer.from('81800001000100000000', 'hex');
/** A pointer to the question's name, type A, class IN, 300 seconds, 4 bytes. */
const ANSWER = Buffer.from('c00c000100010000012c0004', 'hex');

/** `answer`: a dotted quad. */
export async function oneAnswerServer(answer: string): Promise<OneAnswerServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    // The name ends with its root label; then come type and class. What follows is EDNS, which needs no answer.
    const end = query.indexOf(0, 12) + 5;
    const parts = [query.subarray(0, 2), FLAGS_AND_COUNTS, query.subarray(12, end), ANSWER];
    socket.send(Buffer.concat([...parts, Buffer.from(answer.split('.').map(Number))]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}
