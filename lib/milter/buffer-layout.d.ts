/** Owns the types of the part of buffer-layout 1.2.2 that is used here: the package has none of its own. */

declare module 'buffer-layout' {
  export class Layout<T> {
    constructor(span: number, property?: string);
    /** Bytes; negative if it depends on the value. */
    readonly span: number;
    readonly property?: string;
    /** Throws RangeError if the buffer ends too early. */
    decode(bytes: Buffer, offset?: number): T;
    /** Gives the bytes written. */
    encode(value: T, bytes: Buffer, offset?: number): number;
    getSpan(bytes: Buffer, offset?: number): number;
  }
  export function u8(property?: string): Layout<number>;
  export function u16be(property?: string): Layout<number>;
  export function u32be(property?: string): Layout<number>;
  export function struct<T>(fields: readonly Layout<unknown>[]): Layout<T>;
}
