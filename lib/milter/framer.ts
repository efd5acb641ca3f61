/** Owns the frame: length, code and payload out of a stream that comes in any pieces, and back into bytes. */

import type { Layout } from 'buffer-layout';
import { FRAME_LIMIT } from './flags.ts';
import { ProtocolError } from './protocol-error.ts';

const LENGTH_BYTES = 4;

/**
 * Takes chunks and gives frames. A frame that came whole is a view of its chunk; one that came in pieces is put
 * together in a buffer that grows with what has really come, never with what its length promises.
 */
export class Framer {
  /** Data bytes of the longest frame taken. */
  limit = FRAME_LIMIT;
  #chunk: Buffer | null = null;
  #offset = 0;
  #partial: Buffer | null = null;
  #filled = 0;

  /** True while the beginning of a frame is here and its end is not. Whole frames not yet taken do not count. */
  get halfReceived(): boolean {
    return this.#partial !== null;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const rest = this.#chunk;
    this.#chunk = rest === null ? chunk : Buffer.concat([rest.subarray(this.#offset), chunk]);
    this.#offset = 0;
  }

  /**
   * The next frame without its length: code byte, then payload; null if none is whole yet.
   * Throws ProtocolError as soon as the length bytes of an empty or oversized frame are there.
   */
  next(): Buffer | null {
    const chunk = this.#chunk;
    if (chunk === null) return null;
    if (this.#partial !== null) return this.#continue(chunk, this.#partial);
    const start = this.#offset + LENGTH_BYTES;
    if (start <= chunk.length) {
      const end = start + this.#judge(chunk.readUInt32BE(this.#offset));
      if (end <= chunk.length) {
        this.#advance(end);
        return chunk.subarray(start, end);
      }
    }
    const rest = chunk.length - this.#offset;
    this.#partial = Buffer.allocUnsafeSlow(Math.max(64, rest));
    this.#filled = chunk.copy(this.#partial, 0, this.#offset);
    this.#advance(chunk.length);
    return null;
  }

  #continue(chunk: Buffer, partial: Buffer): Buffer | null {
    if (this.#filled < LENGTH_BYTES) {
      this.#fill(chunk, partial, LENGTH_BYTES);
      if (this.#filled < LENGTH_BYTES) return null;
    }
    const whole = LENGTH_BYTES + this.#judge(partial.readUInt32BE(0));
    const filled = this.#chunk === null ? partial : this.#fill(chunk, partial, whole);
    if (this.#filled < whole) return null;
    this.#partial = null;
    this.#filled = 0;
    return filled.subarray(LENGTH_BYTES, whole);
  }

  /** Copies from the chunk until `target` bytes are filled or it is used up; gives the buffer they are in. */
  #fill(chunk: Buffer, partial: Buffer, target: number): Buffer {
    const end = Math.min(chunk.length, this.#offset + target - this.#filled);
    const filled = this.#filled + end - this.#offset;
    let into = partial;
    if (filled > partial.length) {
      // Doubling keeps the copying linear, even for a stream that comes byte by byte.
      into = Buffer.allocUnsafeSlow(Math.min(target, Math.max(filled, 2 * partial.length)));
      partial.copy(into, 0, 0, this.#filled);
      this.#partial = into;
    }
    chunk.copy(into, this.#filled, this.#offset, end);
    this.#filled = filled;
    this.#advance(end);
    return into;
  }

  #advance(to: number): void {
    if (to === this.#chunk?.length) {
      this.#chunk = null;
      this.#offset = 0;
    } else {
      this.#offset = to;
    }
  }

  #judge(length: number): number {
    if (length === 0) throw new ProtocolError('empty frame');
    if (length > this.limit + 1)
      throw new ProtocolError(`frame of ${length} bytes, at most ${this.limit + 1} allowed`);
    return length;
  }
}

/** A frame of a code and its payload; `size` is the payload's. Nobody looks whether an MTA takes one so long. */
export function encodeFrame<T>(code: string, layout: Layout<T>, value: T, size: number): Buffer {
  const frame = emptyFrame(code, size);
  layout.encode(value, frame, LENGTH_BYTES + 1);
  return frame;
}

/** A frame whose payload, of `size` bytes, is still zeros. */
export function emptyFrame(code: string, size = 0): Buffer {
  const frame = Buffer.alloc(LENGTH_BYTES + 1 + size);
  frame.writeUInt32BE(1 + size, 0);
  frame.write(code, LENGTH_BYTES, 'latin1');
  return frame;
}
