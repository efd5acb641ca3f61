/** Owns the cast of the load: the n-th client, sender and recipient, the same in every run. */

/** Real networks are needed here: 192.0.2.0/24 and its like would make one origin of all clients. Nothing is sent there. */
export interface Identity {
  readonly host: string;
  readonly address: string;
  /** With angle brackets. */
  readonly sender: string;
  /** With angle brackets. */
  readonly recipients: readonly string[];
}

const DOMAINS = 5000;
const MAILBOXES = 100_003;

export function identity(n: number, recipients = 1): Identity {
  const a = scrambled(n);
  const b = scrambled(a ^ 0x5bd1e995);
  const host = `h${n}.d${a % DOMAINS}.example`;
  return {
    host,
    address: `${11 + (b % 89)}.${(a >>> 8) & 255}.${(a >>> 16) & 255}.${1 + ((b >>> 8) % 254)}`,
    sender: `<${letter(a)}${letter(b)}.user${n}@d${a % DOMAINS}.example>`,
    recipients: Array.from(
      { length: recipients },
      (_, i) => `<${letter(b)}.rcpt${n % MAILBOXES}.${i}@dest.example>`,
    ),
  };
}

function letter(number: number): string {
  return String.fromCharCode(97 + ((number >>> 11) % 26));
}

/** A permutation of the 32-bit numbers that leaves no order in them (murmur3's finaliser). */
export function scrambled(number: number): number {
  let h = number | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
