/** Owns how a connection listens to its stream: by functions that all streams share. */

import type { Duplex } from 'node:stream';

export interface Listener {
  received(chunk: Buffer): void;
  drained(): void;
  ended(): void;
  failed(error: Error): void;
  gone(): void;
}

const LISTENER = Symbol('milter connection');

interface Served extends Duplex {
  [LISTENER]?: Listener;
  /** Sockets have it; those of a file descriptor or a unix socket ignore it. */
  setNoDelay?(noDelay: boolean): unknown;
}

/** Sockets are told not to wait for more before they send. */
export function listen(stream: Served, listener: Listener): void {
  stream[LISTENER] = listener;
  stream.setNoDelay?.(true);
  stream.on('data', onChunk).on('end', onEnd).on('drain', onDrain).on('error', onError).on('close', onClose);
}

function onChunk(this: Served, chunk: Buffer): void {
  this[LISTENER]?.received(chunk);
}
function onEnd(this: Served): void {
  this[LISTENER]?.ended();
}
function onDrain(this: Served): void {
  this[LISTENER]?.drained();
}
function onError(this: Served, error: Error): void {
  this[LISTENER]?.failed(error);
}
function onClose(this: Served): void {
  this[LISTENER]?.gone();
}
