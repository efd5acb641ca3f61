/** Owns names on the wire: how one is written, skipped, and read without trusting its pointers (RFC 1035 §3.1, §4.1.4). */

/** RFC 1035 §2.3.4: bytes on the wire, the root's too. */
const LONGEST_NAME = 255;

/**
 * Pointers in one name. Servers need one or two; each of ours leads strictly backwards, so that none leads in a circle,
 * and a chain of thousands (507 bytes of them cost other decoders a millisecond, 65 KB seconds) is not followed.
 */
const MOST_POINTERS = 8;

/** The first two bits of a pointer; the two other patterns that are no length have no meaning. */
const POINTER = 0xc0;

/** The name is ASCII, of labels of 1 to 63 bytes, without a trailing dot. Returns where the next field begins. */
export function writeName(bytes: Buffer, at: number, name: string): number {
  // Shifted by one, the dots are where the lengths belong.
  bytes.write(name, at + 1, 'latin1');
  const end = at + 1 + name.length;
  let lengthAt = at;
  for (let i = at + 1; i <= end; i++) {
    if (i < end && bytes[i] !== 0x2e) continue;
    bytes[lengthAt] = i - lengthAt - 1;
    lengthAt = i;
  }
  bytes[end] = 0;
  return end + 1;
}

/** Where the field behind the name begins; null if the name runs out of the message. What a pointer points to is not looked at. */
export function skipName(bytes: Buffer, at: number): number | null {
  for (let i = at; i < bytes.length;) {
    const length = bytes[i]!;
    if (length === 0) return i + 1;
    if (length >= POINTER) return i + 2 <= bytes.length ? i + 2 : null;
    if (length > 63) return null;
    i += length + 1;
  }
  return null;
}

/**
 * In lower case, without a trailing dot; the root is empty. A byte that would be taken for something else, such as a dot
 * within a label, is written as in a zone file: `a\.b.example`, `a\032b.example`. Null: not a name, or a trap.
 */
export function readName(bytes: Buffer, at: number): string | null {
  let name = '';
  let size = 1;
  let pointers = 0;
  let before = at;
  for (let i = at; i < bytes.length;) {
    const length = bytes[i]!;
    if (length === 0) return name;
    if (length >= POINTER) {
      if (i + 1 >= bytes.length || ++pointers > MOST_POINTERS) return null;
      const target = ((length & 0x3f) << 8) | bytes[i + 1]!;
      if (target >= before) return null;
      before = target;
      i = target;
      continue;
    }
    size += length + 1;
    const end = i + 1 + length;
    if (length > 63 || size > LONGEST_NAME || end > bytes.length) return null;
    const label = readLabel(bytes.toString('latin1', i + 1, end));
    name = name === '' ? label : `${name}.${label}`;
    i = end;
  }
  return null;
}

/** The name that fills the field from one offset to the other. */
export function readWholeName(bytes: Buffer, from: number, to: number): string | null {
  return skipName(bytes, from) === to ? readName(bytes, from) : null;
}

function readLabel(label: string): string {
  return (/^[0-9a-z_-]+$/.test(label) ? label : label.replace(/[^!-~]|[.\\]/g, escaped)).toLowerCase();
}

/** RFC 1035 §5.1. */
function escaped(character: string): string {
  if (character === '.' || character === '\\') return `\\${character}`;
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}
