/** Owns the messages of the DNS: a query as bytes, and what bytes say in answer to it (RFC 1035 §4, RFC 6891). */

import type { RecordType } from './record-type.ts';
import { readName, readWholeName, skipName, writeName } from './wire-name.ts';

export interface Question<T> {
  /** ASCII in lower case, what `queryName` lets through. */
  readonly name: string;
  readonly type: RecordType<T>;
}

export interface Query<T> extends Question<T> {
  readonly id: number;
  readonly bytes: Buffer;
}

/** `T` is what the value of one record is read as. */
export interface Reply<T> {
  readonly kind: 'reply';
  /** Twelve bits, with those of EDNS. */
  readonly rcode: number;
  readonly truncated: boolean;
  /** Nothing is said, from its own data or after asking: a name server that leaves the asking to us (glibc, res_send.c). */
  readonly referral: boolean;
  /** Of the type that was asked for, whoever owns them. */
  readonly records: readonly OwnedRecord<T>[];
  readonly aliases: readonly OwnedRecord<string>[];
  /** Seconds, from the SOA: RFC 2308 §5; null: there was none. */
  readonly negativeTtl: number | null;
}

export interface OwnedRecord<T> {
  readonly owner: string;
  /** Seconds. */
  readonly ttl: number;
  readonly value: T;
}

/** `foreign`: no answer to this query, perhaps a forgery; `broken`: an answer to it that can't be read. */
export type Heard<T> = Reply<T> | { readonly kind: 'foreign' } | { readonly kind: 'broken' };

const FOREIGN = { kind: 'foreign' } as const;
const BROKEN = { kind: 'broken' } as const;

const HEADER = 12;
const IN = 1;
const CNAME = 5;
const SOA = 6;
const OPT = 41;

/** The first byte of flags. */
const QR = 0x80;
const OPCODE = 0x78;
const AA = 0x04;
const TC = 0x02;
const RD = 0x01;
/** The second. */
const RA = 0x80;

/** RFC 6891 §6.2.5, and what fits everywhere unfragmented (DNS flag day 2020). */
const LARGEST_ANSWER = 1232;
const OPT_LENGTH = 11;

/** Far more than the 100 that anybody is told of; each costs an object. */
const MOST_RECORDS = 1000;

/** RFC 2181 §8. */
const LONGEST_TTL = 0x7fffffff;

const FORMERR = 1;
const NOTIMP = 4;

export function encodeQuery<T>({ name, type }: Question<T>, id: number, edns: boolean): Query<T> {
  const bytes = Buffer.allocUnsafe(HEADER + name.length + 2 + 4 + (edns ? OPT_LENGTH : 0));
  bytes.fill(0, 2, HEADER);
  bytes.writeUInt16BE(id, 0);
  bytes[2] = RD;
  bytes[5] = 1;
  let at = writeName(bytes, HEADER, name);
  at = bytes.writeUInt16BE(type.code, at);
  at = bytes.writeUInt16BE(IN, at);
  if (edns) {
    bytes[11] = 1;
    bytes[at] = 0;
    bytes.writeUInt16BE(OPT, at + 1);
    bytes.writeUInt16BE(LARGEST_ANSWER, at + 3);
    bytes.fill(0, at + 5, at + OPT_LENGTH);
  }
  return { name, type, id, bytes };
}

/** Whatever the bytes are: in time linear to them, and without an exception. */
export function decodeReply<T>(bytes: Buffer, query: Query<T>): Heard<T> {
  if (bytes.length < HEADER || bytes.readUInt16BE(0) !== query.id) return FOREIGN;
  const flags = bytes[2]!;
  if ((flags & QR) === 0 || (flags & OPCODE) !== 0) return FOREIGN;
  const rcode = bytes[3]! & 0x0f;
  if (bytes.readUInt16BE(4) === 0 && (rcode === FORMERR || rcode === NOTIMP)) {
    // A server from before EDNS may not have read as far as the question.
    return { ...EMPTY, rcode, truncated: false, referral: false };
  }
  const end = HEADER + query.name.length + 2 + 4;
  if (!sameQuestion(bytes, query.bytes, end)) return FOREIGN;
  const truncated = (flags & TC) !== 0;
  // What was cut is asked again, whatever is left of it.
  if (truncated) return { ...EMPTY, rcode, truncated, referral: false };
  const [answers, authorities, additionals] = [6, 8, 10].map((at) => bytes.readUInt16BE(at));
  if (answers! + authorities! + additionals! > MOST_RECORDS) return BROKEN;
  const sections = new Sections<T>(bytes, query);
  if (!sections.read(end, answers!, authorities!, additionals!)) return BROKEN;
  const referral = answers === 0 && (flags & AA) === 0 && (bytes[3]! & RA) === 0 && rcode === 0;
  const { records, aliases, negativeTtl, extendedRcode } = sections;
  return {
    kind: 'reply',
    rcode: (extendedRcode << 4) | rcode,
    truncated,
    referral,
    records,
    aliases,
    negativeTtl,
  };
}

const EMPTY = { kind: 'reply', records: [], aliases: [], negativeTtl: null } as const;

/** Letters in either case: some servers keep ours, some don't. */
function sameQuestion(heard: Buffer, sent: Buffer, end: number): boolean {
  if (heard.length < end || heard[4] !== 0 || heard[5] !== 1) return false;
  for (let i = HEADER; i < end; i++) {
    const [a, b] = [heard[i]!, sent[i]!];
    if (a !== b && !(a >= 0x41 && a <= 0x5a && a + 0x20 === b)) return false;
  }
  return true;
}

/** What stands behind the question. */
class Sections<T> {
  readonly records: OwnedRecord<T>[] = [];
  readonly aliases: OwnedRecord<string>[] = [];
  negativeTtl: number | null = null;
  extendedRcode = 0;
  readonly #bytes: Buffer;
  readonly #query: Query<T>;

  constructor(bytes: Buffer, query: Query<T>) {
    this.#bytes = bytes;
    this.#query = query;
  }

  /** False: it can't be read. */
  read(from: number, answers: number, authorities: number, additionals: number): boolean {
    const bytes = this.#bytes;
    let at = from;
    for (let n = 0; n < answers + authorities + additionals; n++) {
      const ownerAt = at;
      const fields = skipName(bytes, at);
      if (fields === null || fields + 10 > bytes.length) return false;
      const type = bytes.readUInt16BE(fields);
      const value = fields + 10;
      at = value + bytes.readUInt16BE(fields + 8);
      if (at > bytes.length) return false;
      if (type === OPT) {
        if (n >= answers + authorities) this.extendedRcode = bytes[fields + 4]!;
      } else if (bytes.readUInt16BE(fields + 2) === IN) {
        const ttl = ttlAt(bytes, fields + 4);
        if (n < answers) {
          if (!this.#answer(type, ownerAt, ttl, value, at)) return false;
        } else if (n < answers + authorities && type === SOA && !this.#soa(ttl, value, at)) return false;
      }
    }
    return true;
  }

  #answer(type: number, ownerAt: number, ttl: number, from: number, to: number): boolean {
    const wanted = this.#query.type;
    if (type !== wanted.code && type !== CNAME) return true;
    const owner = this.#owner(ownerAt);
    if (owner === null) return false;
    if (type === wanted.code) {
      const value = wanted.read(this.#bytes, from, to);
      if (value !== null) this.records.push({ owner, ttl, value });
      return value !== null;
    }
    const value = readWholeName(this.#bytes, from, to);
    if (value !== null) this.aliases.push({ owner, ttl, value });
    return value !== null;
  }

  #owner(at: number): string | null {
    // Nearly every server writes: as in the question.
    const isQuestion = this.#bytes[at] === 0xc0 && this.#bytes[at + 1] === HEADER;
    const { name } = this.#query;
    if (isQuestion) return name;
    const read = readName(this.#bytes, at);
    return read === name.replaceAll(' ', '\\032') ? name : read;
  }

  #soa(ttl: number, from: number, to: number): boolean {
    const mailbox = skipName(this.#bytes, from);
    const numbers = mailbox === null ? null : skipName(this.#bytes, mailbox);
    if (numbers === null || numbers + 20 !== to) return false;
    this.negativeTtl = Math.min(ttl, ttlAt(this.#bytes, numbers + 16));
    return true;
  }
}

/** RFC 2181 §8: with the highest bit it is none. */
function ttlAt(bytes: Buffer, at: number): number {
  const ttl = bytes.readUInt32BE(at);
  return ttl > LONGEST_TTL ? 0 : ttl;
}
