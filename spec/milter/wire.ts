/** Owns the bytes of the specs: frames put together by hand, never by the code that they judge. */

import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';

/** `frame('H', 'mx.example.org\0')`: every char of the payload is one octet. */
export function frame(code: string, payload = ''): Buffer {
  const body = Buffer.from(code + payload, 'latin1');
  return Buffer.concat([
    Buffer.from([body.length >>> 24, body.length >>> 16, body.length >>> 8, body.length]),
    body,
  ]);
}

export function frames(...list: readonly (readonly [code: string, payload?: string])[]): Buffer {
  return Buffer.concat(list.map(([code, payload]) => frame(code, payload)));
}

/** `u32(6)` → `\0\0\0\x06`. */
export function u32(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** The payload of an offer or an answer to it. */
export function options(version: number, actions: number, protocol: number): string {
  return u32(version) + u32(actions) + u32(protocol);
}

/** An MTA that says what the spec tells it to, byte for byte. */
export class RawMta {
  readonly stream: Duplex;
  /** The other end, for `filter.serve`. */
  readonly filterEnd: Duplex;
  readonly writes: string[] = [];
  #heard = '';
  #closed = false;
  #changed: (() => void)[] = [];

  constructor() {
    [this.stream, this.filterEnd] = duplexPair();
    const write = this.filterEnd.write.bind(this.filterEnd);
    this.filterEnd.write = (chunk: Buffer): boolean => {
      this.writes.push(chunk.toString('latin1'));
      return write(chunk);
    };
    this.stream.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString('latin1');
      this.#change();
    });
    this.stream.on('error', () => undefined);
    for (const name of ['end', 'close'])
      this.stream.on(name, () => {
        this.#closed = true;
        this.#change();
      });
  }

  say(...list: readonly (readonly [code: string, payload?: string])[]): void {
    this.stream.write(frames(...list));
  }

  /** Waits until these and no other bytes have come since the last time. */
  async hear(...list: readonly (readonly [code: string, payload?: string])[]): Promise<void> {
    const wanted = frames(...list).toString('latin1');
    while (this.#heard.length < wanted.length && !this.#closed) await this.#next();
    const heard = this.#heard.slice(0, wanted.length);
    this.#heard = this.#heard.slice(wanted.length);
    if (heard !== wanted) throw new Error(`heard ${JSON.stringify(heard)}, not ${JSON.stringify(wanted)}`);
  }

  /** Waits for the filter to close, and gives what it said before and nobody has heard yet. */
  async closed(): Promise<string> {
    while (!this.#closed) await this.#next();
    return this.#heard;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #change(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
