/** Owns one question by TCP: what did not fit into a datagram (RFC 7766). */

import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { Codec } from './codec.ts';
import type { Question, Reply } from './message.ts';
import type { ServerAddress } from './server-address.ts';
import { reason } from './udp-socket.ts';

/** Bytes; the largest that anyone needs is a domain's collection of TXT records. */
const LARGEST_ANSWER = 32_768;

/** A whole reply, or why there is none. */
export type TcpOutcome<T> = Reply<T> | { readonly kind: 'failed'; readonly why: string };

interface TcpOptions {
  readonly codec: Codec;
  readonly edns: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Always fulfils, in `timeoutMs` at the latest; when `signal` aborts, at once. */
export function askByTcp<T>(
  { host, port }: ServerAddress,
  question: Question<T>,
  { codec, edns, timeoutMs, signal }: TcpOptions,
): Promise<TcpOutcome<T>> {
  const query = codec.encode(question, randomInt(0x10000), edns);
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const chunks: Buffer[] = [];
    let length = 0;
    let wanted: number | null = null;
    const end = (outcome: TcpOutcome<T>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      resolve(outcome);
    };
    const fail = (why: string): void => end({ kind: 'failed', why: `${why}, and its answer is cut by UDP` });
    const aborted = (): void => fail('nobody waited for the DNS server');
    const timer = setTimeout(() => fail('the DNS server says nothing by TCP'), timeoutMs);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted);
    socket.on('error', (error) => fail(`${reason(error)} by TCP`));
    socket.on('close', () => fail('the DNS server breaks off by TCP'));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (wanted === null && length >= 2) wanted = 2 + Buffer.concat(chunks).readUInt16BE(0);
      if (wanted === null) return;
      if (wanted > LARGEST_ANSWER) return fail('the DNS server says too much by TCP');
      if (length < wanted) return;
      const heard = codec.decode(Buffer.concat(chunks).subarray(2, wanted), query);
      if (heard.kind === 'reply' && !heard.truncated) return end(heard);
      fail('the DNS server sends by TCP what is no answer');
    });
    socket.setNoDelay(true);
    socket.write(Buffer.concat([lengthOf(query.bytes), query.bytes]));
  });
}

function lengthOf(bytes: Buffer): Buffer {
  return Buffer.from([bytes.length >> 8, bytes.length & 0xff]);
}
