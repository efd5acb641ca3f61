/** Owns byte strings: what stands on the wire as a JavaScript string, one char per octet, nothing lost. */

import { isUtf8 } from 'node:buffer';

/**
 * A byte string as people read it: UTF-8 if it is valid UTF-8, else latin-1, which any octets are.
 * `\xc3\xa9` → `é`, `\xe9` → `é`, `\xff\xfe` → `ÿþ`. Never throws.
 */
export function toText(bytes: string): string {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const octets = Buffer.from(bytes, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : bytes;
}

/** Text as the wire takes it: UTF-8. `é` → `\xc3\xa9`. */
export function toBytes(text: string): string {
  return /[\u0080-\uffff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
